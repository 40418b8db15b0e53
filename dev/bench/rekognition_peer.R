# This package. Runs the same jobs as the other peers.

source("dev/bench/peer.R")
library(rekognition)

svc <- rekognition(
  endpoint = paste0("http://", commandArgs(TRUE)[1]),
  region = "us-east-1",
  credentials = list(creds = list(access_key_id = "AKIDEXAMPLE", secret_access_key = "secret"))
)
run_jobs(
  one = function(id) identical(svc$get_face_liveness_session_results(id)$Status, "SUCCEEDED"),
  many = function(ids, concurrency, dir) {
    results <- liveness_results(ids, svc, max_active = concurrency, dir = dir, progress = FALSE)
    sum(!results$status %in% "SUCCEEDED")
  },
  detect = function(image) length(svc$detect_faces(Image = list(Bytes = image))$FaceDetails) == 1,
  map = function(files, concurrency) {
    input <- function(file) list(Image = rekognition_image(file))
    found <- rekognition_map(files, svc$detect_faces, input, max_active = concurrency, progress = FALSE)
    sum(vapply(found, inherits, NA, "error"))
  }
)
