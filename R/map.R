# One call of an operation for each element of a vector, many at a time.

#' Call an operation many times
#'
#' `rekognition_map()` calls an operation once for each element of `x`, with several calls at a time, and returns their
#' values in the order of `x`.
#'
#' All requests use one client and run on background threads, at most `max_active` at a time. If the service throttles,
#' the calls slow down to the rate limit of the account, and throttled requests are retried for as long as the
#' `operation_timeout` of the client allows, so that no call is lost. Other transient failures are retried up to
#' `max_retries` times. `max_retries = 0` turns both off. A retry may repeat what the service has done already if its
#' response was lost: with `create_user`, for example, the call then succeeds, because retries have the same
#' `ClientRequestToken`, but with `create_collection` it fails with a `ResourceAlreadyExistsException`.
#'
#' `input` is called in the order of `x`, on R's thread, when the turn of an element comes: at most about twice
#' `max_active` inputs are in memory at a time, however long `x` is.
#'
#' Ctrl-C stops all calls and returns nothing. For work that takes long, save parts of the values. Here, the next run
#' repeats a part that contains an error:
#'
#' ```
#' files <- list.files("images", full.names = TRUE)
#' parts <- split(files, ceiling(seq_along(files) / 1000))
#' dir.create("faces")
#' for (i in seq_along(parts)) {
#'   saved <- file.path("faces", paste0(i, ".rds"))
#'   if (!file.exists(saved)) {
#'     faces <- rekognition_map(parts[[i]], svc$detect_faces, function(path) {
#'       list(Image = rekognition_image(path))
#'     })
#'     is_error <- vapply(faces, inherits, NA, "condition")
#'     if (!any(is_error)) saveRDS(faces, saved)
#'   }
#' }
#' ```
#'
#' [liveness_results()] does the same for the results of Face Liveness sessions, as a data frame.
#'
#' @param x A vector or a list.
#' @param operation An operation of a client, such as `svc$detect_faces`, or of the default client, such as
#'   `rekognition_detect_faces`: the function itself, which is not called here.
#' @param input A function that takes an element of `x` and returns the arguments of its call, as a named list.
#' @param max_active Whole number from 1 to 1,000: maximum number of concurrent requests.
#' @param progress Whether to show a progress bar. It appears only if R is interactive, after a few seconds.
#' @param on_error `"keep"`: an error is kept as a condition, in the place of the value. `"stop"`: the first error ends the
#'   calls and is raised. That of a call names the element, also in the field `index`.
#' @return A list of the length of `x`, with its names: the operation's value for each element, or a condition (see
#'   [rekognition_conditions]). An error of `input` is kept as it is raised, so it may not be a `rekognition_error`. To find
#'   all conditions, use `vapply(values, inherits, NA, "condition")`.
#'
#' Raises `rekognition_argument_error` for an invalid argument. Errors that concern no single call and occur before the
#' first response (no region, no credentials, an invalid setting) are raised once, whatever the value of `on_error`: as a
#' `rekognition_config_error` or a `rekognition_credentials_error`.
#' @references
#' [DetectFaces](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectFaces.html),
#' [quotas](https://docs.aws.amazon.com/rekognition/latest/dg/limits.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' files <- c(
#'   first = system.file("extdata", "face-0.jpg", package = "rekognition"),
#'   second = system.file("extdata", "face-1.jpg", package = "rekognition"),
#'   missing = "no-such-file.jpg"
#' )
#' input <- function(path) list(Image = rekognition_image(path))
#' values <- rekognition_map(files, svc$detect_faces, input)
#'
#' is_error <- vapply(values, inherits, NA, "condition")
#' vapply(values[!is_error], function(value) length(value$FaceDetails), 0L)
#' values$missing
#' emulator$stop()
rekognition_map <- function(
  x,
  operation,
  input,
  max_active = 10,
  progress = interactive(),
  on_error = c("keep", "stop")
) {
  # The client may be made in the call, from keys: conditions do not show the arguments.
  call <- user_call(sys.call(), hide_args = TRUE)
  is_missing <- c(x = missing(x), operation = missing(operation), input = missing(input))
  if (any(is_missing)) {
    stop_missing(names(which(is_missing))[1], call)
  }
  if (!(is.atomic(x) || is.list(x) || is.null(x)) || is.data.frame(x)) {
    stop_argument("x", gettextf("`%s` must be a vector or a list, not %s.", "x", what_is(x)), call)
  }
  operation <- operation_spec(operation, call)
  if (!is.function(input)) {
    stop_argument("input", gettextf("`%s` must be a function, not %s.", "input", what_is(input)), call)
  }
  max_active <- check_max_active(max_active, call)
  check_flag(progress, "progress", call)
  on_error <- check_choice(on_error, c("keep", "stop"), "on_error", call)
  if (length(x) == 0) {
    return(stats::setNames(list(), names(x)))
  }
  map_calls(x, operation, input, max_active, progress, on_error == "stop")
}

map_calls <- function(x, operation, input, max_active, progress, stop_early) {
  batch <- start_calls(operation, max_active = max_active)
  on.exit(end_batch(batch))
  bar <- if (progress && interactive()) {
    cli::cli_progress_bar(gettextf("Calling %s", operation$name), total = length(x))
  }
  kept <- function(expr) if (stop_early) expr else tryCatch(expr, error = identity)
  values <- stats::setNames(vector("list", length(x)), names(x))
  # The places in `x` of the calls, in the order in which they are supplied. An element whose input is an error has none.
  places <- integer(length(x))
  turn <- supplied <- finished <- 0
  has_room <- function() turn < length(x) && supplied - finished < 2 * max_active
  repeat {
    if (has_room()) {
      turn <- turn + 1
      error <- kept(supply_call(batch, input(x[[turn]]), "input()", operation$call))
      if (is.null(error)) {
        supplied <- supplied + 1
        places[supplied] <- turn
      } else {
        values[[turn]] <- error
      }
      if (turn == length(x)) {
        batch_close(batch)
      }
    }
    # One input at a time: a slow `input` must not delay progress and errors. Nor the keys of a `creds` function, which the
    # first call asks for.
    needs_keys <- finished == 0 && !is.null(operation$handle$get_keys)
    taken <- take_values(batch, operation, if (has_room() && !needs_keys) 0 else wait_seconds)
    failed <- if (stop_early) Find(is.object, taken$value)
    if (!is.null(failed)) {
      place <- places[taken$index[Position(is.object, taken$value)]]
      stop_condition(in_element(native_condition(failed, operation$call), place, names(x)[place]))
    }
    values[places[taken$index]] <- taken$value
    finished <- finished + length(taken$index)
    if (!is.null(bar)) {
      cli::cli_progress_update(set = turn - supplied + finished, id = bar)
    }
    if (taken$ended) {
      break
    }
    supply_keys(operation$handle, operation$call)
    check_interrupt()
  }
  if (turn < length(x) || finished < supplied) {
    stop_early_end(operation$call)
  }
  is_error <- vapply(values, inherits, NA, "rekognition_native_error")
  values[is_error] <- row_conditions(values[is_error], operation)
  values
}

# The condition of a call with the element of `x` that it is for.
in_element <- function(condition, place, name) {
  name <- if (is_string(name) && nzchar(name)) sprintf(" (\"%s\")", clean_text(name, 100))
  hint <- gettextf("In element %d%s of `x`.", place, if (is.null(name)) "" else name)
  condition$message <- with_hint(condition$message, hint)
  condition$index <- as.integer(place)
  condition
}
