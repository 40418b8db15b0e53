# The Shiny module: its user interface, its server, and their arguments.

#' A Face Liveness check in Shiny
#'
#' A Shiny module for a whole check: a person starts it and looks into the camera, and R gets the result.
#' `liveness_check_ui()` makes the element of the page in which the check appears. `liveness_check_server()` creates
#' the session, carries the video to the service, and fetches the result. R does not wait: the app serves other
#' requests meanwhile.
#'
#' ```
#' library(shiny)
#' library(rekognition)
#' svc <- rekognition(region = "us-east-1")
#'
#' ui <- fluidPage(liveness_check_ui("check"), textOutput("verdict"))
#' server <- function(input, output, session) {
#'   check <- liveness_check_server("check", svc)
#'   output$verdict <- renderText({
#'     result <- req(check$result())
#'     if (isTRUE(result$confidence >= 90)) "You passed." else "You did not pass."
#'   })
#' }
#' shinyApp(ui, server)
#' ```
#'
#' The example below runs this app on the emulator. Browsers allow the camera only on pages with https or on this machine
#' (`http://127.0.0.1`), and not in the viewer of RStudio: open the app in a browser.
#'
#' @section The result:
#' Decide in R, by `result()`, and show the person pass or fail only: a score tells an attacker which forgery came
#' closest. The module sends neither the score nor the images to the page. The confidence of a check that failed or
#' expired is `NA`: only `isTRUE(result$confidence >= threshold)` is a pass.
#'
#' @section States:
#' `state()` is one of
#'
#' \describe{
#'   \item{`"idle"`}{No check has started.}
#'   \item{`"starting"`}{The session is being created.}
#'   \item{`"checking"`}{The page runs the check.}
#'   \item{`"fetching"`}{The service has the video, and R polls for the result.}
#'   \item{`"done"`}{`result()` contains the result, whether the person passes or not.}
#'   \item{`"cancelled"`}{The person or `cancel()` ended the check, or its element was removed from the page.}
#'   \item{`"failed"`}{There is no result: see `error()`.}
#' }
#'
#' After `"cancelled"` and `"failed"`, the page has a button to try again, with a new session. After `"done"` it has
#' none: call `start()` for another check.
#'
#' @section Errors:
#' `error()` is a condition of an operation (see [rekognition_conditions]), which is also written to stderr, or a
#' `rekognition_check_error` with the fields `state`, a string, and `reason`, `NULL` or a list of `code` and `message`.
#' The page reports most of them. They may be untrue: use them to help the person, and for nothing else. `state` is one
#' of those that the help of [liveness_page()] lists, such as `"TIMEOUT"` (the face did not fit the oval in time),
#' `"NO_FACE"`, `"CAMERA_NOT_ALLOWED"` or `"CONNECTION_FAILED"`, or
#'
#' \describe{
#'   \item{`"TOO_MANY_CHECKS"`, `"BUSY"`}{The limit `max_checks` or `max_active` was reached. No session was created.}
#'   \item{`"REFUSED"`}{The relay refused what the page sent: see [liveness_relay()].}
#'   \item{`"CLOSED"`}{The page ended the check without a reason, or stopped responding.}
#'   \item{`"SCRIPT_NOT_LOADED"`}{The page could not load the script of the check.}
#'   \item{`"UNKNOWN"`}{The report of the page is invalid.}
#' }
#'
#' @section The video:
#' With `mode = "relay"`, the default, the video goes through R (see [liveness_relay()]): the page has no AWS keys, and
#' connects to the app only. With `mode = "direct"`, the page gets keys of the role `role_arn` for 15 minutes, which
#' allow nothing but to stream a check, and connects to AWS itself (see [liveness_direct()]).
#'
#' The page sends the video with requests of its own, not as inputs of Shiny. A check therefore also runs while a
#' promise of the Shiny session is pending, which holds inputs back, and bookmarks contain nothing of it. (Outputs, the
#' verdict among them, are held back, too.) Closing or reloading the page ends the check.
#'
#' @section Limits:
#' Each check costs money and is another attempt for an attacker. AWS recommends at most five failed checks in three
#' minutes and then a pause of at least 30 minutes. `max_checks` is a limit for all modules of a Shiny session. A
#' reloaded page is a new Shiny session: to limit the checks of a user, set `start = "manual"`, so that the page cannot
#' start any, and call `start()` after your own count.
#'
#' @section Text:
#' `text` accepts the names in `displayText` of AWS's component, such as `startScreenBeginCheckText` and
#' `photosensitivityWarningBodyText`, those in the help of [liveness_page()], and `startingText` (while the session is
#' created), `unavailableText` (no session, or no result), `tooManyChecksText` and `tryAgainText` (the button). The
#' texts are not HTML.
#'
#' The colors are those of the page and of its primary buttons, in Bootstrap 3 to 5 and the themes of bslib.
#'
#' @param id String: the ID of the module, the same in both functions.
#' @param ... `liveness_check_ui()`: HTML attributes of the check's `<div>`, such as `style = "max-width: 30rem"`.
#'   `liveness_check_server()`: no arguments.
#' @param label String: the label of the button that starts a check.
#' @param text Named list of strings in place of the English ones: see the section Text.
#' @param start_screen Whether the check begins with a screen that shows the camera, a photosensitivity warning, and a
#'   button that starts the video. Without this screen, warn the person beforehand: the check flashes colors.
#' @param svc A client: see [rekognition()]. Default: [rekognition_default()].
#' @param mode `"relay"` or `"direct"`: see the section The video.
#' @param role_arn String: the role whose keys the page gets. Required with `mode = "direct"`, and not accepted
#'   otherwise.
#' @param start `"button"`: the person starts a check with a button. `"auto"`: the first check starts as soon as the
#'   person can see where it appears. `"manual"`: only `start()` starts checks, and the page has no buttons for it.
#' @param Settings,KmsKeyId Arguments of [rekognition_create_face_liveness_session()] for each session.
#' @param max_checks Whole number: how many checks can start within 3 minutes in one Shiny session.
#' @param max_active Whole number from 1 to 1,000: how many checks can run at the same time in this R process.
#' @return `liveness_check_ui()`: an HTML tag.
#'
#'   `liveness_check_server()`: a list of
#'
#' \describe{
#'   \item{`state`}{Reactive: a string, see the section States.}
#'   \item{`result`}{Reactive: the data frame of [liveness_results()], with one row, if the state is `"done"`;
#'     otherwise `NULL`.}
#'   \item{`error`}{Reactive: a condition if the state is `"failed"`; otherwise `NULL`.}
#'   \item{`start()`}{Starts a check with a new session, unless one is running or a limit is reached. Returns whether it
#'     does, invisibly.}
#'   \item{`cancel()`}{Ends the running check. Returns whether there was one, invisibly.}
#' }
#'
#' Both raise a `rekognition_argument_error` for an invalid argument, and a `rekognition_error` if the package shiny is
#' missing. `liveness_check_ui()` also raises the error of [liveness_page()]. Everything else that fails is in
#' `error()`.
#' @references
#' [Recommendations for Face Liveness](https://docs.aws.amazon.com/rekognition/latest/dg/recommendations-liveness.html),
#' [FaceLivenessDetector](https://ui.docs.amplify.aws/react/connected-components/liveness),
#' [StartFaceLivenessSession](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_rekognitionstreaming_StartFaceLivenessSession.html)
#' @seealso [liveness_relay()] for other web frameworks.
#' @export
#' @examples
#' # A whole check on the emulator, with your camera.
#' app <- system.file("examples/check", package = "rekognition")
#' if (interactive()) shiny::runApp(app, launch.browser = TRUE)
#'
#' # Test an app without a browser.
#' if (requireNamespace("shiny", quietly = TRUE)) {
#'   emulator <- rekognition_emulator()
#'   svc <- rekognition(config = emulator$config)
#'   shiny::testServer(liveness_check_server, args = list(id = "check", svc = svc), {
#'     check <- session$returned
#'     check$start()
#'     print(check$state())
#'   })
#'   emulator$stop()
#' }
liveness_check_ui <- function(id, ..., label = "Start check", text = list(), start_screen = TRUE) {
  call <- user_call(sys.call())
  check_shiny(call)
  id <- check_module_id(id, missing(id), call)
  label <- check_string(label, "label", call)
  check_flag(start_screen, "start_screen", call)
  attributes <- list(...)
  check_dots_named(attributes, "liveness_check_ui()", call)
  options <- list(text = check_texts(text, call), startScreen = start_screen)
  children <- list(
    id = shiny::NS(id, "page"),
    class = "rekognition-check",
    tabindex = "-1",
    `data-options` = jsonlite::toJSON(options, auto_unbox = TRUE),
    htmltools::div(class = "rekognition-check-view"),
    htmltools::div(class = "rekognition-check-status", role = "status"),
    htmltools::tags$button(
      class = "btn btn-primary rekognition-check-start",
      type = "button",
      hidden = NA,
      label
    ),
    page_dependency()
  )
  do.call(htmltools::div, c(children, attributes))
}

#' @rdname liveness_check_ui
#' @export
liveness_check_server <- function(
  id,
  svc = rekognition_default(),
  ...,
  mode = c("relay", "direct"),
  role_arn = NULL,
  start = c("button", "auto", "manual"),
  Settings = NULL,
  KmsKeyId = NULL,
  max_checks = 5,
  max_active = 100
) {
  # The client may be made in the call, from keys.
  call <- user_call(sys.call(), hide_args = TRUE)
  check_shiny(call)
  id <- check_module_id(id, missing(id), call)
  check_dots(list(...), names(formals(liveness_check_server)), "liveness_check_server()", call)
  check_client(svc, call)
  mode <- check_choice(mode, c("relay", "direct"), "mode", call)
  options <- list(
    svc = svc,
    mode = mode,
    role_arn = check_role(role_arn, mode, call),
    start = check_choice(start, c("button", "auto", "manual"), "start", call),
    Settings = Settings,
    KmsKeyId = KmsKeyId,
    max_checks = check_count(max_checks, "max_checks", call),
    max_active = check_max_active(max_active, call)
  )
  load_event_loop(call)
  shiny::moduleServer(id, function(input, output, session) {
    module <- new_module(session, options, call)
    module$url <- session$registerDataObj(module$element, module, page_response)
    session$setBookmarkExclude("page")
    session$onSessionEnded(function() close_module(module))
    # In shiny 1.14 or later.
    if (is.function(session$onDestroy)) {
      session$onDestroy(function() close_module(module))
    }
    module$observer <- shiny::observeEvent(input$page, meet_page(module, input$page))
    list(
      state = shiny::reactive(module$state()),
      result = shiny::reactive(module$result()),
      error = shiny::reactive(module$error()),
      start = function() invisible(shiny::isolate(start_check(module))),
      cancel = function() invisible(shiny::isolate(cancel_check(module)))
    )
  })
}

check_shiny <- function(call) {
  message <- gettextf(
    "The check requires the package '%s'. Install it with `%s`.",
    "shiny",
    "install.packages(\"shiny\")"
  )
  check_installed("shiny", message, call)
}

check_module_id <- function(id, is_missing, call) {
  if (is_missing) {
    stop_missing("id", call)
  }
  id <- check_string(id, "id", call)
  if (!nzchar(id)) {
    stop_argument("id", gettextf("`%s` must not be empty.", "id"), call)
  }
  id
}

check_role <- function(role_arn, mode, call) {
  role_arn <- check_string_or_null(role_arn, "role_arn", call)
  if (mode == "direct" && is.null(role_arn)) {
    stop_argument("role_arn", gettext("`mode = \"direct\"` requires `role_arn`."), call)
  }
  if (mode == "relay" && !is.null(role_arn)) {
    stop_argument("role_arn", gettext("`role_arn` requires `mode = \"direct\"`."), call)
  }
  role_arn
}

check_count <- function(x, argument, call) {
  x <- check_whole_number(x, argument, call)
  check_number(x, argument, call, min = 1)
}

# The browser's files, in the folder of the package. `all_files` includes the model of faces.
page_dependency <- function() {
  htmltools::htmlDependency(
    "rekognition-check",
    version = as.character(utils::packageVersion("rekognition")),
    src = c(file = liveness_page()),
    script = "shiny.js",
    stylesheet = c("liveness.css", "shiny.css"),
    # The page loads this script when it is needed: it is large.
    attachment = list(script = "liveness.js"),
    all_files = TRUE
  )
}
