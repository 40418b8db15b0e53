# `make test` runs this under valgrind: calls that succeed, calls that fail in every way, then an unload.
emulator <- rekognition::rekognition_emulator(check_after = Inf)
svc <- rekognition::rekognition(c(emulator$config, list(max_retries = 1, read_timeout = 2)))
id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 4))$SessionId
emulator$check(id)
kinds <- c("close", "reset", "cut_off", "content_length", "chunked", "gzip", "html", "throttle")
for (i in 1:3) {
  for (kind in kinds) {
    emulator$fault(kind)
    try(svc$get_face_liveness_session_results(id), silent = TRUE)
  }
  try(svc$get_face_liveness_session_results("x"), silent = TRUE)
}
# Promises: the background thread wakes the event loop.
promises <- lapply(1:3, function(i) rekognition::liveness_promise(rep(id, i), svc))
while (!later::loop_empty()) {
  later::run_now(1)
}
rekognition::liveness_cancel(rekognition::liveness_promise(id, svc))
invisible(as.character(rekognition::liveness_results(id, svc)$reference_image[[1]]))
invisible(emulator$requests())
invisible(parallel::mclapply(1:2, mc.cores = 2, function(i) svc$get_face_liveness_session_results(id)$Status))
unloadNamespace("rekognition")
invisible(gc())
