# The Shiny module: its user interface, its server, and their arguments.

#' A Face Liveness check in Shiny
#'
#' A Shiny module that runs a whole check: the person starts it, looks into the camera, and R gets the result.
#' `liveness_check_ui()` is the place in the page where the check appears, `liveness_check_server()` creates the session,
#' carries the video and fetches the result. R serves other requests meanwhile.
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
#' `runApp(system.file("examples/check", package = "rekognition"), launch.browser = TRUE)` runs a whole check on the
#' emulator. Browsers give the camera only to pages with https, or on this machine (`http://127.0.0.1`), and not to the viewer
#' of RStudio: open the app in a browser.
#'
#' @section The result:
#' Decide in R, on `result()`, and show the person pass or fail only: a score tells an attacker which forgery came closest.
#' The module sends neither the score nor the images to the page. `result()` may have the status `"FAILED"` or `"EXPIRED"`, and
#' its confidence is then `NA`: only `isTRUE(result$confidence >= threshold)` is a pass.
#'
#' @section States:
#' `state()` is one of
#'
#' \describe{
#'   \item{`"idle"`}{No check has started.}
#'   \item{`"starting"`}{The session is being created.}
#'   \item{`"checking"`}{The page shows the camera.}
#'   \item{`"fetching"`}{The service has the video, and R waits for the result.}
#'   \item{`"done"`}{`result()` has the result, whatever it is.}
#'   \item{`"cancelled"`}{The person or `cancel()` has ended the check, or its place in the page was removed.}
#'   \item{`"failed"`}{There is no result: see `error()`.}
#' }
#'
#' The page offers to try again after `"cancelled"` and `"failed"`. Each check has a new session. After `"done"` it is up to
#' you: call `start()` for another check.
#'
#' @section Errors:
#' `error()` is a condition of an operation (see [rekognition_conditions]), which is also written to stderr, or a
#' `rekognition_check_error`: the check failed in front of the camera, or there are too many of them. Its field `state` is
#' one of
#'
#' \describe{
#'   \item{`"TIMEOUT"`}{The face did not fit the oval in time.}
#'   \item{`"CAMERA_ACCESS_ERROR"`, `"CAMERA_FRAMERATE_ERROR"`, `"CAMERA_NOT_ALLOWED"`, `"INSECURE_PAGE"`}{The page cannot use the
#'     camera.}
#'   \item{`"MOBILE_LANDSCAPE_ERROR"`, `"FACE_DISTANCE_ERROR"`, `"MULTIPLE_FACES_ERROR"`, `"NO_FACE"`}{The person can do better.}
#'   \item{`"CONNECTION_TIMEOUT"`, `"SERVER_ERROR"`, `"RUNTIME_ERROR"`, `"NO_SESSION_INFORMATION"`, `"NO_DISCONNECTION"`}{The connection
#'     or the browser failed.}
#'   \item{`"CLOSED"`}{The page closed the check and did not say why, or has stopped.}
#'   \item{`"TOO_MANY_CHECKS"`, `"BUSY"`}{`max_checks` or `max_active` was reached: no session was created.}
#' }
#'
#' and others of AWS's component. `reason` is `NULL` or a list of `code` and `message`, the reason of the service as the page knows
#' it. The page has sent this `state`, `reason` and message: they may be untrue, and only a person reads them.
#'
#' @section Two ways for the video:
#' With `mode = "relay"`, the default, the video goes through R (see [liveness_relay()]): the page has no AWS keys, and
#' connects to the app alone. With `mode = "direct"`, the page gets credentials of the role `role_arn` for 15 minutes,
#' which allow `rekognition:StartFaceLivenessSession` only (see [liveness_direct()]), and connects to AWS itself.
#'
#' Frames are sent with requests of their own and are no inputs of Shiny: a check continues while a promise of the Shiny
#' session is pending. The check ends when the person closes or reloads the page.
#'
#' @section Limits:
#' Every session costs money, and every check is another attempt for an attacker. AWS recommends at most five failed
#' checks in three minutes, and a pause of at least half an hour after that. `max_checks` limits the checks of one Shiny session,
#' in all its modules: a page that is reloaded is a new one. Use `start = "manual"` and count by your login to limit the checks of a user:
#' the page cannot start a check then.
#'
#' @param id String: the ID of the module, the same in both functions.
#' @param ... `liveness_check_ui()`: HTML attributes of the check's `<div>`, such as `style = "max-width: 30rem"`.
#'   `liveness_check_server()`: no arguments.
#' @param label String: the label of the button that starts a check.
#' @param text Named list of strings that replace English ones: see the section Text.
#' @param start_screen Whether the check begins with a screen that shows the camera, a photosensitivity warning and a button
#'   to start the video. Without it, tell the person beforehand that the check flashes colors.
#' @param svc A client: see [rekognition()]. Default: [rekognition_default()].
#' @param mode `"relay"` or `"direct"`: see below.
#' @param role_arn String: the role whose credentials the page gets; required if `mode` is `"direct"`, and not accepted otherwise.
#' @param start `"button"`: the person starts a check with a button. `"auto"`: the first check starts as soon as its place in
#'   the page is visible; the browser asks for the camera. `"manual"`: only `start()` starts a check, and the page has no
#'   buttons.
#' @param Settings,KmsKeyId Passed to [rekognition_create_face_liveness_session()], for each check.
#' @param max_checks Whole number: how many checks can start within 3 minutes in one Shiny session.
#' @param max_active Whole number from 1 to 1,000: how many checks can run at the same time in this R process.
#' @return `liveness_check_ui()`: an HTML tag.
#'
#'   `liveness_check_server()`: a list of
#'
#' \describe{
#'   \item{`state`}{Reactive: a string, see below.}
#'   \item{`result`}{Reactive: the data frame of [liveness_results()] with one row; `NULL` until the state is `"done"`.}
#'   \item{`error`}{Reactive: a condition if the state is `"failed"`, otherwise `NULL`.}
#'   \item{`start()`}{Starts a check with a new session. Returns whether it has, invisibly: not while one is running.}
#'   \item{`cancel()`}{Ends the check. Returns whether one was running, invisibly.}
#' }
#'
#' Both raise `rekognition_argument_error` for an invalid argument and a `rekognition_error` if the package shiny is
#' missing; `liveness_check_ui()` also if the package was installed without its files for the browser (see
#' [liveness_page()]). Failures of a check are in `error`.
#' @section Text:
#' The names in `text` are those of the `displayText` of AWS's component, such as `hintMoveFaceFrontOfCameraText`,
#' `startScreenBeginCheckText`, `photosensitivityWarningBodyText`, `timeoutMessageText` and `tryAgainText`, and these:
#'
#' \describe{
#'   \item{`startingText`}{"Starting..."}
#'   \item{`fetchingText`}{"Verifying..."}
#'   \item{`doneText`}{"The check is complete."}
#'   \item{`cancelledText`}{"The check was canceled."}
#' }
#' @references
#' [Recommendations for Face Liveness](https://docs.aws.amazon.com/rekognition/latest/dg/recommendations-liveness.html),
#' [FaceLivenessDetector](https://ui.docs.amplify.aws/react/connected-components/liveness),
#' [StartFaceLivenessSession](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_rekognitionstreaming_StartFaceLivenessSession.html)
#' @seealso [liveness_relay()] for other web frameworks.
#' @export
#' @examples
#' if (interactive()) {
#'   app <- system.file("examples/check", package = "rekognition")
#'   shiny::runApp(app, launch.browser = TRUE)
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
    shiny::observeEvent(input$page, meet_page(module, input$page))
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
    attachment = c(script = "liveness.js"),
    all_files = TRUE
  )
}
