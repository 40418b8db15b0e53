# The application under test. In a package, testthat does this.
for (file in list.files("../../R", full.names = TRUE)) {
  source(file)
}

# Runs R's event loop until the condition is TRUE. `what` is for the error message.
wait_until <- function(condition, what, seconds = 120) {
  expression <- substitute(condition)
  frame <- parent.frame()
  deadline <- Sys.time() + seconds
  while (!isTRUE(eval(expression, frame))) {
    if (Sys.time() > deadline) {
      stop("Timed out: ", what)
    }
    later::run_now(0.05)
  }
}

# The value of a promise, or its error.
value_of <- function(promise) {
  outcome <- NULL
  promises::then(
    promise,
    onFulfilled = function(value) outcome <<- list(value = value),
    onRejected = function(error) outcome <<- list(error = error)
  )
  wait_until(!is.null(outcome), "the promise is settled")
  if (!is.null(outcome$error)) {
    stop(outcome$error)
  }
  outcome$value
}

# Runs an API in this process for the rest of a test, and returns a function that sends
# it a request.
local_api <- function(api, frame = parent.frame()) {
  port <- httpuv::randomPort()
  server <- httpuv::startServer("127.0.0.1", port, api)
  withr::defer(server$stop(), frame)
  function(method, path) {
    outcome <- NULL
    pool <- curl::new_pool()
    curl::curl_fetch_multi(
      sprintf("http://127.0.0.1:%d%s", port, path),
      done = function(response) outcome <<- response,
      fail = stop,
      pool = pool,
      handle = curl::new_handle(customrequest = method, noproxy = "*")
    )
    # The API and its client take turns in R's only thread.
    wait_until(
      {
        curl::multi_run(timeout = 0, pool = pool)
        !is.null(outcome)
      },
      paste(method, path, "has a response")
    )
    list(status = outcome$status_code, body = jsonlite::fromJSON(rawToChar(outcome$content)))
  }
}
