# The documented formats are those that are written.

test_that("results.json has the documented members, and all digits", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  image <- list(
    Bytes = as.raw(c(0xff, 0xd8, 0xff, 1:9)),
    BoundingBox = list(Width = 0.1, Height = 0.2, Left = 0.30000000000000004, Top = 0.4)
  )
  emulator$put_result(
    some_id,
    list(
      SessionId = some_id,
      Status = "SUCCEEDED",
      Confidence = 98.63105010986328,
      ReferenceImage = image,
      AuditImages = list(image, list(S3Object = list(Bucket = "b", Name = "n", Version = "v"))),
      Challenge = list(Type = "FaceMovementChallenge", Version = "1.0.0"),
      Feedback = list(list(Code = "LOW_LIGHTING_DETECTED", Message = "m")),
      Metadata = list(SDKType = "Web")
    )
  )
  dir <- withr::local_tempdir()
  results <- liveness_results(some_id, svc, dir = dir)
  file <- file.path(dir, some_id, "results.json")
  stored <- jsonlite::fromJSON(file, simplifyVector = FALSE)
  written <- c("RequestId", "Region", "Attempts", "RetrievedAt")
  expect_identical(
    stored[setdiff(names(stored), written)],
    list(
      SessionId = some_id,
      Status = "SUCCEEDED",
      Confidence = 98.63105010986328,
      ReferenceImage = list(
        S3Object = list(Bucket = NULL, Name = NULL, Version = NULL),
        BoundingBox = image$BoundingBox,
        File = "reference.jpg",
        Size = 12L
      ),
      AuditImages = list(
        list(
          S3Object = list(Bucket = NULL, Name = NULL, Version = NULL),
          BoundingBox = image$BoundingBox,
          File = "audit-1.jpg",
          Size = 12L
        ),
        list(
          S3Object = list(Bucket = "b", Name = "n", Version = "v"),
          BoundingBox = list(Width = NULL, Height = NULL, Left = NULL, Top = NULL)
        )
      ),
      Challenge = list(Type = "FaceMovementChallenge", Version = "1.0.0"),
      Feedback = list(list(Code = "LOW_LIGHTING_DETECTED", Message = "m")),
      Metadata = list(SDKType = "Web")
    )
  )
  expect_identical(
    stored[written],
    list(
      RequestId = results$request_id,
      Region = results$region,
      Attempts = results$attempts,
      RetrievedAt = as.double(results$retrieved_at)
    )
  )
})

test_that("the tables and columns of both databases are the documented ones", {
  documented <- utils::read.csv(system.file("examples", "database", "columns.csv", package = "rekognition"))
  expect_true(all(nzchar(documented$contents)))
  in_both_databases(function(f, location) {
    db <- f$open_database(location)
    withr::defer(f$close_database(db))
    found <- f$query_database(
      db,
      if (db$is_postgresql) {
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
         ORDER BY table_name, ordinal_position"
      } else {
        "SELECT m.name AS table_name, c.name AS column_name FROM sqlite_master m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid"
      }
    )
    columns <- function(table, column) lapply(split(column, table), as.character)
    expect_identical(
      columns(documented$table, documented$column),
      columns(found$table_name, found$column_name)
    )
  })
})
