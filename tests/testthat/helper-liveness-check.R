# Shiny apps with a check, and their page without a browser: a WebSocket of Shiny, and requests.

# An app that prints the states of its check. `check`, `ui`, `server` and `setup`: R code.
check_app <- function(check = 'liveness_check_server("check", svc)', ui = NULL, server = NULL, setup = NULL) {
  ui <- paste(c('liveness_check_ui("check")', ui), collapse = ", ")
  c(
    "library(shiny)",
    "library(rekognition)",
    "svc <- rekognition()",
    setup,
    sprintf("ui <- function(request) fluidPage(%s)", ui),
    "say <- function(...) writeLines(paste0(...), stderr())",
    "report <- function(id, check) {",
    "  error <- check$error()",
    "  failure <- if (!is.null(error)) c(class(error)[1], error$state, conditionMessage(error))",
    "  say(paste(c('state:', id, check$state(), check$result()$status, failure), collapse = ' '))",
    "}",
    "server <- function(input, output, session) {",
    paste("  check <-", check),
    "  observe(report('check', check))",
    server,
    "}",
    "shinyApp(ui, server)"
  )
}

# Runs it. It uses the emulator as if it were AWS.
local_check_app <- function(emulator, ..., lines = check_app(...), frame = parent.frame()) {
  dir <- withr::local_tempdir(.local_envir = frame)
  writeLines(lines, file.path(dir, "app.R"))
  local_app("shiny", emulator, dir = dir, frame = frame)
}

# The states of a check that an app has printed, in order.
states_of <- function(app, id = "check") {
  lines <- strsplit(app$output(), "\n", fixed = TRUE)[[1]]
  start <- paste0("state: ", id, " ")
  sub(start, "", lines[startsWith(lines, start)], fixed = TRUE)
}

# Waits until the last state matches a pattern, and returns it.
wait_for_report <- function(app, pattern, id = "check") {
  wait_until(
    grepl(pattern, utils::tail(states_of(app, id), 1)),
    paste0("the state is ", pattern, ": ", app$output())
  )
  utils::tail(states_of(app, id), 1)
}

# Opens a Shiny session as a page does. `messages` are those that R has sent to the module.
local_page <- function(app, inputs = list(`check-page` = 1), frame = parent.frame()) {
  port <- as.integer(sub(".*:", "", app$url))
  page <- new.env()
  page$app <- app
  page$messages <- list()
  page$unread <- raw()
  page$socket <- socketConnection("127.0.0.1", port, open = "r+b", timeout = 60)
  page$close <- function() {
    if (!is.null(page$socket)) {
      close(page$socket)
    }
    page$socket <- NULL
  }
  withr::defer(page$close(), frame)
  request <- request_text(
    "GET /websocket/",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
  )
  writeBin(charToRaw(sub("Connection: close\r\n", "", request, fixed = TRUE)), page$socket)
  # The response is followed by messages.
  received <- raw()
  wait_until(
    {
      received <- c(received, readBin(page$socket, "raw", 1e4))
      end <- grepRaw("\r\n\r\n", received, fixed = TRUE)
    },
    "the app opens a WebSocket"
  )
  page$unread <- received[-seq_len(end + 3)]
  address <- list(
    .clientdata_url_protocol = "http:",
    .clientdata_url_hostname = "127.0.0.1",
    .clientdata_url_port = as.character(port),
    .clientdata_url_pathname = "/",
    .clientdata_url_search = ""
  )
  send_to_shiny(page, list(method = "init", data = c(address, inputs)))
  page
}

# A message of a page has a mask, here of zeros.
send_to_shiny <- function(page, message) {
  json <- charToRaw(enc2utf8(as.character(jsonlite::toJSON(message, auto_unbox = TRUE))))
  size <- length(json)
  length <- if (size < 126) size else c(126, size %/% 256, size %% 256)
  length[1] <- length[1] + 128
  writeBin(c(as.raw(c(0x81, length, 0, 0, 0, 0)), json), page$socket)
}

# Reads what Shiny has sent. Messages to the module are kept.
read_from_shiny <- function(page) {
  while (length(more <- readBin(page$socket, "raw", 1e5)) > 0) {
    page$unread <- c(page$unread, more)
  }
  repeat {
    bytes <- as.integer(page$unread)
    if (length(bytes) < 2) {
      return(invisible())
    }
    wide <- switch(as.character(bytes[2]), `126` = 2, `127` = 8, 0)
    size <- if (wide == 0) bytes[2] else sum(bytes[2 + seq_len(wide)] * 256^((wide - 1):0))
    if (length(bytes) < 2 + wide + size) {
      return(invisible())
    }
    text <- rawToChar(page$unread[2 + wide + seq_len(size)])
    page$unread <- page$unread[-seq_len(2 + wide + size)]
    page$received <- c(page$received, text)
    message <- if (startsWith(text, "{")) jsonlite::fromJSON(text, simplifyVector = FALSE)
    page$messages <- c(page$messages, message$custom["rekognition-check"])
  }
}

# Waits until R's last message has this state, and returns it.
wait_for_message <- function(page, state) {
  wait_until(
    {
      read_from_shiny(page)
      identical(utils::tail(page$messages, 1)[[1]]$state, state)
    },
    paste("R sends the state", state)
  )
  utils::tail(page$messages, 1)[[1]]
}

# A request of a page, by default as a browser sends it: the status, the headers and the text of the response.
send_request <- function(
  page,
  action,
  check = message$check,
  body = "",
  method = "POST",
  headers = list(Origin = page$app$url, `Sec-Fetch-Site` = "same-origin")
) {
  message <- utils::tail(page$messages, 1)[[1]]
  handle <- curl::new_handle(customrequest = method, noproxy = "*", timeout = 60)
  body <- if (is.raw(body)) body else charToRaw(body)
  if (method == "POST") {
    curl::handle_setopt(handle, post = TRUE, postfieldsize = length(body), postfields = body)
  }
  curl::handle_setheaders(handle, .list = headers)
  url <- sprintf("%s/%s&action=%s&check=%s", page$app$url, message$url, action, check)
  response <- curl::curl_fetch_memory(url, handle)
  list(
    status = response$status_code,
    headers = curl::parse_headers_list(response$headers),
    text = rawToChar(response$content)
  )
}

# Starts a check as the button does, and returns the message with its ticket.
press_check <- function(page) {
  if (length(page$messages) == 0) {
    wait_for_message(page, "idle")
  }
  testthat::expect_identical(send_request(page, "start")$status, 200L)
  wait_for_message(page, "checking")
}

# Puts a relay that a test controls in the place of the package's own. Returns a function that sets the state of the last
# one, and its error.
local_fake_relay <- function(frame = parent.frame()) {
  relays <- list()
  fake <- function(svc, session_id) {
    relay <- new.env()
    relay$session_id <- session_id
    relay$state <- "waiting"
    relays[[length(relays) + 1]] <<- relay
    list(
      ticket = function() list(mode = "relay", sessionId = session_id),
      exchange = function(body) "{}",
      state = function() relay$state,
      error = function() relay$error,
      close = function() relay$state <- "closed"
    )
  }
  original <- liveness_relay
  utils::assignInNamespace("liveness_relay", fake, "rekognition")
  withr::defer(utils::assignInNamespace("liveness_relay", original, "rekognition"), frame)
  function(state = NULL, error = NULL, n = length(relays)) {
    if (!is.null(state)) {
      relays[[n]]$state <- state
      relays[[n]]$error <- error
    }
    relays[[n]]
  }
}

# What the package keeps in this R process.
in_process <- function(name) {
  get(name, asNamespace("rekognition")$the)
}

# Records what pages of the browser send and receive from now on, and what they contain at the end.
record_traffic <- function(browser) {
  cdp(browser, "Page.addScriptToEvaluateOnNewDocument", source = traffic_script)
}

traffic_script <- "{
  window.traffic = [];
  const record = async (data) =>
    traffic.push(typeof data === 'string' ? data : await new Response(data).text());
  const { fetch, WebSocket } = window;
  window.fetch = async (url, options) => {
    record(String(url));
    record(options?.body ?? '');
    const response = await fetch(url, options);
    record(await response.clone().text());
    return response;
  };
  window.WebSocket = class extends WebSocket {
    constructor(...address) {
      super(...address);
      record(address[0]);
      this.addEventListener('message', (event) => record(event.data));
    }
    send(data) {
      record(data);
      super.send(data);
    }
  };
}"

traffic <- function(browser) {
  unlist(run_script(
    browser,
    "return [...traffic, document.documentElement.outerHTML, JSON.stringify(history.state)]"
  ))
}

# Errors and warnings in the console, except for the icon that Shiny does not have.
check_console <- function(browser) {
  grep("favicon.ico", console_errors(browser), fixed = TRUE, invert = TRUE, value = TRUE)
}
