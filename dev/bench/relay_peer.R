# How long R is held by one frame of a check: with this package's relay, and in plain R with digest, which checks and signs a
# frame in the same way and sends it nowhere. Prints the seconds of each frame.
#
#   Rscript dev/bench/relay_peer.R rekognition|plain <frames>

source("tests/testthat/helper-relay.R")
source("tests/testthat/helper-browser.R")
arguments <- commandArgs(TRUE)
frames <- as.integer(arguments[2])

# --- event streams and signatures in plain R ----------------------------------------------------------------------

sha256 <- function(bytes) digest::digest(bytes, "sha256", serialize = FALSE)
hmac <- function(key, text, raw) digest::hmac(key, text, "sha256", serialize = FALSE, raw = raw)
from_hex <- function(text) {
  as.raw(strtoi(substring(text, seq(1, nchar(text), 2), seq(2, nchar(text), 2)), 16L))
}
big_endian <- function(x, bytes) as.raw(x %/% 256^(rev(seq_len(bytes)) - 1) %% 256)
crc32 <- function(bytes) {
  from_hex(formatC(digest::digest(bytes, "crc32", serialize = FALSE), width = 8, flag = "0"))
}
header <- function(name, type, value) c(big_endian(nchar(name), 1), charToRaw(name), as.raw(type), value)
date_header <- function(time) header(":date", 8, big_endian(round(as.numeric(time) * 1000), 8))
with_length <- function(bytes) c(big_endian(length(bytes), 2), bytes)
message_of <- function(headers, payload) {
  prelude <- c(big_endian(16 + length(headers) + length(payload), 4), big_endian(length(headers), 4))
  message <- c(prelude, crc32(prelude), headers, payload)
  c(message, crc32(message))
}

# The signature of the next message, in hexadecimal digits.
sign_message <- function(key, scope, prior, time, message) {
  timestamp <- strftime(time, "%Y%m%dT%H%M%SZ", tz = "UTC")
  text <- c("AWS4-HMAC-SHA256-PAYLOAD", timestamp, scope, prior, sha256(date_header(time)), sha256(message))
  hmac(key, paste(text, collapse = "\n"), raw = FALSE)
}

signed <- function(time, signature, message) {
  message_of(c(date_header(time), header(":chunk-signature", 6, with_length(from_hex(signature)))), message)
}

signing_key <- function(secret, day, region) {
  key <- charToRaw(paste0("AWS4", secret))
  for (part in c(day, region, "rekognition", "aws4_request")) {
    key <- hmac(key, part, raw = TRUE)
  }
  key
}

# --- the frames of a page, and their relay ------------------------------------------------------------------------

emulator <- rekognition::rekognition_emulator(check_after = Inf)
svc <- rekognition::rekognition(config = emulator$config)
relay <- rekognition::liveness_relay(svc, svc$create_face_liveness_session()$SessionId)
ticket <- relay$ticket()
query <- opening_query(ticket)
time <- Sys.time()
day <- strftime(time, "%Y%m%d", tz = "UTC")
scope <- paste(day, ticket$region, "rekognition/aws4_request", sep = "/")
key <- signing_key(ticket$credentials$secretAccessKey, day, ticket$region)
first <- sub(".*X-Amz-Signature=", "", query)

# A second of video is 125 kB.
chunk <- jsonlite::base64_enc(as.raw(sample.int(256, 125e3, replace = TRUE) - 1))
json <- charToRaw(sprintf("{\"VideoChunk\":\"%s\",\"TimestampMillis\":1}", gsub("\n", "", chunk)))
text_header <- function(name, text) header(name, 7, with_length(charToRaw(text)))
inner <- message_of(
  c(
    text_header(":event-type", "VideoEvent"),
    text_header(":message-type", "event"),
    text_header(":content-type", "application/json")
  ),
  json
)
signatures <- character(frames)
for (i in seq_len(frames)) {
  signatures[i] <- sign_message(key, scope, if (i == 1) first else signatures[i - 1], time, inner)
}

pass_on <- if (arguments[1] == "rekognition") {
  response <- jsonlite::fromJSON(relay$exchange(page_request(ticket, 1, open = query)))
  bodies <- lapply(seq_len(frames), function(i) {
    page_request(ticket, i + 1, frames = signed(time, signatures[i], inner))
  })
  function(i) grepl("\"state\":\"closed\"", relay$exchange(bodies[[i]]), fixed = TRUE)
} else {
  bodies <- lapply(seq_len(frames), function(i) signed(time, signatures[i], inner))
  own_key <- signing_key("secret", day, ticket$region)
  prior <- c(theirs = first, ours = first)
  function(i) {
    frame <- bodies[[i]]
    headers <- sum(as.integer(frame[5:8]) * 256^(3:0))
    message <- frame[(13 + headers):(length(frame) - 4)]
    found <- paste(frame[(12 + headers - 31):(12 + headers)], collapse = "")
    stopifnot(identical(crc32(utils::head(frame, -4)), utils::tail(frame, 4)))
    prior[["theirs"]] <<- sign_message(key, scope, prior[["theirs"]], time, message)
    prior[["ours"]] <<- sign_message(own_key, scope, prior[["ours"]], time, message)
    length(signed(time, prior[["ours"]], message)) < 1 || found != prior[["theirs"]]
  }
}
for (i in seq_len(frames)) {
  started <- Sys.time()
  is_lost <- pass_on(i)
  cat(as.numeric(Sys.time() - started, units = "secs"), "")
  stopifnot(!is_lost)
  # A page sends one frame a second: the relay's own thread works in between.
  Sys.sleep(0.02)
}
