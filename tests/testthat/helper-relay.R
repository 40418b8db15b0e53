# The page's side of a relay, in R: it signs what AWS's component would sign.

# A request of a page. `...` are members of its first line.
page_request <- function(ticket, sequence, ..., frames = raw()) {
  head <- list(ticket = ticket$credentials$accessKeyId, sequence = sequence, ...)
  c(charToRaw(paste0(jsonlite::toJSON(head, auto_unbox = TRUE), "\n")), frames)
}

# Sends a request to a relay, and parses the response.
exchange <- function(relay, ...) {
  jsonlite::fromJSON(relay$exchange(page_request(relay$ticket(), ...)), simplifyVector = FALSE)
}

# The query with which a page opens the check of a ticket.
opening_query <- function(ticket, session_id = ticket$sessionId) {
  time <- strftime(Sys.time(), "%Y%m%dT%H%M%SZ", tz = "UTC")
  day <- substr(time, 1, 8)
  scope <- paste(day, ticket$region, "rekognition/aws4_request", sep = "/")
  parameters <- c(
    `X-Amz-Algorithm` = "AWS4-HMAC-SHA256",
    `X-Amz-Credential` = paste0(ticket$credentials$accessKeyId, "/", scope),
    `X-Amz-Date` = time,
    `X-Amz-Expires` = "299",
    `X-Amz-SignedHeaders` = "host",
    `challenge-versions` = "FaceMovementAndLightChallenge_2.0.0,FaceMovementChallenge_1.0.0",
    `session-id` = session_id,
    `video-height` = "480",
    `video-width` = "640"
  )
  escaped <- vapply(parameters, utils::URLencode, "", reserved = TRUE)
  query <- paste(names(parameters), escaped, sep = "=", collapse = "&")
  sha256 <- function(text) digest::digest(text, "sha256", serialize = FALSE)
  sign <- function(key, text, raw = TRUE) digest::hmac(key, text, "sha256", serialize = FALSE, raw = raw)
  path <- "/start-face-liveness-session-websocket"
  request <- paste("GET", path, query, "host:relay.invalid", "", "host", sha256(""), sep = "\n")
  key <- charToRaw(paste0("AWS4", ticket$credentials$secretAccessKey))
  for (part in c(day, ticket$region, "rekognition", "aws4_request")) {
    key <- sign(key, part)
  }
  signature <- sign(key, paste("AWS4-HMAC-SHA256", time, scope, sha256(request), sep = "\n"), raw = FALSE)
  paste0("?", query, "&X-Amz-Signature=", signature)
}

# Opens a check, and asks until the relay says this state.
open_until <- function(relay, state) {
  response <- exchange(relay, 1, open = opening_query(relay$ticket()))
  sequence <- 1
  wait_until(
    {
      if (response$state != state) {
        sequence <- sequence + 1
        response <- exchange(relay, sequence)
      }
      response$state == state
    },
    paste("the check is", state)
  )
  response
}
