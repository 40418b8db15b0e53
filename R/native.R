# One line for each native function. Its name in R is the registered name without `wrap__`.

#' @useDynLib rekognition, .registration = TRUE
NULL

client_new <- function(settings) .Call(wrap__client_new, settings)
client_describe <- function(client) .Call(wrap__client_describe, client)
environment_fingerprint <- function() .Call(wrap__environment_fingerprint)
client_needs_keys <- function(client) .Call(wrap__client_needs_keys, client)
client_provide_keys <- function(client, keys) .Call(wrap__client_provide_keys, client, keys)
client_repeat_key_request <- function(client) .Call(wrap__client_repeat_key_request, client)
runtime_shut_down <- function() .Call(wrap__runtime_shut_down)
panic_with <- function(message) .Call(wrap__panic_with, message)
termination_watch <- function(watch) .Call(wrap__termination_watch, watch)
is_terminated <- function() .Call(wrap__is_terminated)


call_start <- function(client, operation, arguments, log_level, seconds) {
  .Call(wrap__call_start, client, operation, arguments, log_level, seconds)
}
call_wait <- function(call, seconds) .Call(wrap__call_wait, call, seconds)
call_log <- function(call) .Call(wrap__call_log, call)
call_cancel <- function(call) .Call(wrap__call_cancel, call)

batch_start <- function(client, session_ids, options) .Call(wrap__batch_start, client, session_ids, options)
batch_start_calls <- function(client, operation, options) {
  .Call(wrap__batch_start_calls, client, operation, options)
}
batch_start_objects <- function(client, objects, options) {
  .Call(wrap__batch_start_objects, client, objects, options)
}
batch_supply <- function(batch, arguments) .Call(wrap__batch_supply, batch, arguments)
batch_close <- function(batch) .Call(wrap__batch_close, batch)
batch_take <- function(batch, images, seconds) .Call(wrap__batch_take, batch, images, seconds)
batch_log <- function(batch) .Call(wrap__batch_log, batch)
batch_cancel <- function(batch) .Call(wrap__batch_cancel, batch)

relay_new <- function(client, session_id, log_level) .Call(wrap__relay_new, client, session_id, log_level)
relay_ticket <- function(relay) .Call(wrap__relay_ticket, relay)
relay_exchange <- function(relay, body) .Call(wrap__relay_exchange, relay, body)
relay_state <- function(relay) .Call(wrap__relay_state, relay)
relay_close <- function(relay) .Call(wrap__relay_close, relay)
relay_log <- function(relay) .Call(wrap__relay_log, relay)

direct_start <- function(client, role, options) .Call(wrap__direct_start, client, role, options)
direct_take <- function(request) .Call(wrap__direct_take, request)
direct_log <- function(request) .Call(wrap__direct_log, request)
direct_cancel <- function(request) .Call(wrap__direct_cancel, request)

encode_base64 <- function(bytes) .Call(wrap__encode_base64, bytes)
saved_bounding_box <- function(path) .Call(wrap__saved_bounding_box, path)
path_kind <- function(path) .Call(wrap__path_kind, path)

folder_sessions <- function(dir) .Call(wrap__folder_sessions, dir)
folder_load <- function(dir, session_ids) .Call(wrap__folder_load, dir, session_ids)
folder_contents <- function(dir, session_ids) .Call(wrap__folder_contents, dir, session_ids)
folder_delete <- function(dir, session_ids) .Call(wrap__folder_delete, dir, session_ids)
reviews_check <- function(dir) .Call(wrap__reviews_check, dir)
reviews_delete <- function(dir, session_ids) .Call(wrap__reviews_delete, dir, session_ids)

text_clean <- function(text, width) .Call(wrap__text_clean, text, width)

later_find <- function() .Call(wrap__later_find)

emulator_start <- function(region, port, starts_after, takes, keeps_video, keys) {
  .Call(wrap__emulator_start, region, port, starts_after, takes, keeps_video, keys)
}
emulator_describe <- function(emulator) .Call(wrap__emulator_describe, emulator)
emulator_temporary_keys <- function(emulator, seconds, policy) {
  .Call(wrap__emulator_temporary_keys, emulator, seconds, policy)
}
emulator_advance <- function(emulator, seconds) .Call(wrap__emulator_advance, emulator, seconds)
emulator_check <- function(emulator, session_id, outcome) {
  .Call(wrap__emulator_check, emulator, session_id, outcome)
}
emulator_plan <- function(emulator, session_id, outcome) {
  .Call(wrap__emulator_plan, emulator, session_id, outcome)
}
emulator_video <- function(emulator, session_id) .Call(wrap__emulator_video, emulator, session_id)
emulator_face <- function(emulator, image, person, bounding_box) {
  .Call(wrap__emulator_face, emulator, image, person, bounding_box)
}
emulator_put_bucket <- function(emulator, bucket, region, versioning) {
  .Call(wrap__emulator_put_bucket, emulator, bucket, region, versioning)
}
emulator_put_result <- function(emulator, session_id, result, status, headers) {
  .Call(wrap__emulator_put_result, emulator, session_id, result, status, headers)
}
emulator_put_response <- function(emulator, operation, response, times, status, headers) {
  .Call(wrap__emulator_put_response, emulator, operation, response, times, status, headers)
}
emulator_fault <- function(emulator, kind, times, details) {
  .Call(wrap__emulator_fault, emulator, kind, times, details)
}
emulator_requests <- function(emulator) .Call(wrap__emulator_requests, emulator)
emulator_stop <- function(emulator) .Call(wrap__emulator_stop, emulator)
