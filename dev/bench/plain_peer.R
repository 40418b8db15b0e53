# Plain R without a client: curl, jsonlite and base64enc. It neither signs nor retries.

source("dev/bench/peer.R")
url <- paste0("http://", commandArgs(TRUE)[1])

request <- function(id) post("GetFaceLivenessSessionResults", list(SessionId = id))

detection <- function(image) post("DetectFaces", list(Image = list(Bytes = base64enc::base64encode(image))))

post <- function(operation, input) {
  handle <- curl::new_handle(post = TRUE, postfields = jsonlite::toJSON(input, auto_unbox = TRUE))
  curl::handle_setheaders(
    handle,
    "Content-Type" = "application/x-amz-json-1.1",
    "X-Amz-Target" = paste0("RekognitionService.", operation)
  )
}

faces_of <- function(response) {
  if (response$status_code == 200) {
    jsonlite::fromJSON(rawToChar(response$content), simplifyVector = FALSE)$FaceDetails
  }
}

results_of <- function(response) {
  if (response$status_code != 200) {
    return(NULL)
  }
  results <- jsonlite::fromJSON(rawToChar(response$content), simplifyVector = FALSE)
  if (!is.null(results$ReferenceImage)) {
    results$ReferenceImage$Bytes <- base64enc::base64decode(results$ReferenceImage$Bytes)
    results$AuditImages <- lapply(results$AuditImages, function(image) {
      image$Bytes <- base64enc::base64decode(image$Bytes)
      image
    })
  }
  results
}

save_images <- function(results, dir) {
  folder <- file.path(dir, results$SessionId)
  dir.create(folder, recursive = TRUE)
  images <- c(list(results$ReferenceImage), results$AuditImages)
  for (i in seq_along(images)) {
    writeBin(images[[i]]$Bytes, file.path(folder, paste0(i, ".jpg")))
  }
}

run_jobs(
  one = function(id) identical(results_of(curl::curl_fetch_memory(url, request(id)))$Status, "SUCCEEDED"),
  many = function(ids, concurrency, dir) {
    good <- 0
    pool <- curl::new_pool(total_con = concurrency, host_con = concurrency)
    for (id in ids) {
      done <- function(response) {
        results <- results_of(response)
        good <<- good + !is.null(results)
        if (!is.null(dir) && !is.null(results)) {
          save_images(results, dir)
        }
      }
      curl::curl_fetch_multi(url, done, pool = pool, handle = request(id))
    }
    curl::multi_run(pool = pool)
    length(ids) - good
  },
  detect = function(image) length(faces_of(curl::curl_fetch_memory(url, detection(image)))) == 1,
  map = function(files, concurrency) {
    good <- 0
    pool <- curl::new_pool(total_con = concurrency, host_con = concurrency)
    done <- function(response) good <<- good + (length(faces_of(response)) == 1)
    for (file in files) {
      image <- readBin(file, "raw", file.size(file))
      curl::curl_fetch_multi(url, done, pool = pool, handle = detection(image))
    }
    curl::multi_run(pool = pool)
    length(files) - good
  }
)
