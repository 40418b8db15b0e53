test_that("members that are absent or null are empty", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  expect_identical(results_of(emulator, svc, "{}"), nothing())
  nulls <- paste0(
    '{"SessionId":null,"Status":null,"Confidence":null,"ReferenceImage":null,"AuditImages":null,',
    '"Challenge":null,"Feedback":null,"Metadata":null}'
  )
  expect_identical(results_of(emulator, svc, nulls), nothing())
  image <- '{"Bytes":null,"S3Object":null,"BoundingBox":null}'
  deep <- paste0('{"ReferenceImage":', image, ',"AuditImages":[null,{},', image, "]}")
  expected <- nothing()
  expected$AuditImages <- rep(list(expected$ReferenceImage), 3)
  expect_identical(results_of(emulator, svc, deep), expected)
  inner <- '{"ReferenceImage":{"S3Object":{"Bucket":null},"BoundingBox":{"Width":null,"Top":0.5}}}'
  expected <- nothing()
  expected$ReferenceImage$BoundingBox$Top <- 0.5
  expect_identical(results_of(emulator, svc, inner), expected)
})

test_that("numbers are the exact doubles of their JSON text", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  for (text in c(
    "99.95",
    "98.63105010986328",
    "99.91615295410156",
    "0",
    "-0",
    "100",
    "1E2",
    "9.995e1",
    "1e-7",
    "0.1",
    "0.30000000000000004",
    "5e-324",
    "1.7976931348623157e308",
    "123456789012345678901234567890",
    "1e-400",
    "287.81195068359375",
    "-3.25"
  )) {
    results <- results_of(
      emulator,
      svc,
      sprintf('{"Confidence":%s,"ReferenceImage":{"BoundingBox":{"Left":%s}}}', text, text)
    )
    expected <- as.numeric(text)
    expect_identical(results$Confidence, expected, label = text)
    expect_identical(results$ReferenceImage$BoundingBox$Left, expected, label = text)
  }
  confidence <- results_of(emulator, svc, '{"Confidence":98.63105010986328}')$Confidence
  expect_identical(sprintf("%.16g", confidence), "98.63105010986328")
  expect_identical(results_of(emulator, svc, '{"Confidence":99.95}')$Confidence, 99.95)
})

test_that("strings are marked as UTF-8", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  name <- results_of(
    emulator,
    svc,
    '{"ReferenceImage":{"S3Object":{"Name":"\\u00e9 \\ud83d\\ude00 \u4e16 \\"\\\\\\/\\n%s","Bucket":""}}}'
  )$ReferenceImage$S3Object
  expect_identical(name$Name, "\u00e9 \U1F600 \u4e16 \"\\/\n%s")
  expect_identical(Encoding(name$Name), "UTF-8")
  expect_identical(name$Bucket, "")
  expect_identical(results_of(emulator, svc, '{"Status":"NEWER_THAN_US"}')$Status, "NEWER_THAN_US")
})

test_that("image bytes are decoded from base64, with or without JSON escapes", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  bytes <- function(text) {
    results_of(emulator, svc, sprintf('{"ReferenceImage":{"Bytes":"%s"}}', text))$ReferenceImage$Bytes
  }
  expect_identical(bytes(""), raw(0))
  expect_identical(bytes("/w=="), as.raw(0xff))
  expect_identical(bytes("\\/\\u0077\\u003D="), as.raw(0xff))
  expect_identical(bytes("AAEC"), as.raw(0:2))
  expect_identical(bytes("+/8="), as.raw(c(0xfb, 0xff)))
  for (n in c(1:50, 1000, 204800)) {
    image <- as.raw((seq_len(n) * 7) %% 256)
    emulator$put_result(some_id, list(ReferenceImage = list(Bytes = image)))
    expect_identical(svc$get_face_liveness_session_results(some_id)$ReferenceImage$Bytes, image)
  }
})

test_that("member order, unknown and repeated members, and white space do not matter", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  expected <- nothing()
  expected$SessionId <- some_id
  expected$Status <- "SUCCEEDED"
  expected$Confidence <- 12
  deep <- paste0(strrep("[", 120), strrep("]", 120))
  body <- sprintf(
    '\r\n\t {"New":%s,"Confidence" : 12 , "X":{"a":[1,{"b":"\\u0000\\ud800"}],"\\udc00":1e999}, "Status":"FAILED","SessionId":"%s","Status":"SUCCEEDED"} \n',
    deep,
    some_id
  )
  expect_identical(results_of(emulator, svc, body), expected)
})

test_that("more than four audit images are returned", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  emulator$put_result(some_id, list(AuditImages = lapply(0:99, function(i) list(Bytes = as.raw(i)))))
  images <- svc$get_face_liveness_session_results(some_id)$AuditImages
  expect_identical(lapply(images, `[[`, "Bytes"), lapply(0:99, as.raw))
  expect_null(names(images))
})

test_that("the result has no attributes except names", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 1))$SessionId
  emulator$check(id)
  walk <- function(x) {
    expect_true(all(names(attributes(x)) == "names"))
    if (is.list(x)) lapply(x, walk)
  }
  results <- svc$get_face_liveness_session_results(id)
  walk(results)
  expect_named(results, c("SessionId", "Status", "Confidence", "ReferenceImage", "AuditImages"))
})

test_that("a response that violates the protocol is a response error", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  full <- sprintf('{"SessionId":"%s","Status":"SUCCEEDED","Confidence":99.5}', some_id)
  member <- function(...) sprintf('{"%s":%s}', ...)
  bad <- c(
    "",
    " ",
    "<html>502</html>",
    "null",
    "[]",
    "\"x\"",
    "5",
    "true",
    substr(full, 1, nchar(full) - 1),
    substr(full, 1, 40),
    paste0(full, "}"),
    paste0(full, "x"),
    paste(full, full),
    sub(":", "", full),
    paste0("\ufeff", full),
    strrep("[", 1e5),
    paste0('{"a":', strrep("[", 1e5), strrep("]", 1e5), "}"),
    member("Confidence", "NaN"),
    member("Confidence", "Infinity"),
    member("Confidence", '"99.5"'),
    member("Confidence", '"NaN"'),
    member("Confidence", "true"),
    member("Confidence", "01"),
    member("Confidence", "1."),
    member("Confidence", "1e400"),
    member("Confidence", "[1]"),
    member("SessionId", "5"),
    member("SessionId", '"a\\u0000b"'),
    member("SessionId", '"\\ud800"'),
    member("Status", "{}"),
    member("Status", '"a\nb"'),
    member("Status", "'x'"),
    member("ReferenceImage", "[]"),
    member("ReferenceImage", '"x"'),
    member("AuditImages", "{}"),
    member("AuditImages", "[5]"),
    member("AuditImages", "[[]]"),
    member("ReferenceImage", '{"Bytes":5}'),
    member("ReferenceImage", '{"Bytes":"/w"}'),
    member("ReferenceImage", '{"Bytes":"/w="}'),
    member("ReferenceImage", '{"Bytes":"/w==="}'),
    member("ReferenceImage", '{"Bytes":"/w==\\n"}'),
    member("ReferenceImage", '{"Bytes":"a b="}'),
    member("ReferenceImage", '{"Bytes":"_w=="}'),
    member("ReferenceImage", '{"Bytes":"====" }'),
    member("ReferenceImage", '{"Bytes":"\u00e9\u00e9"}'),
    member("AuditImages", '[{"Bytes":"AAEC"},{"Bytes":"A"}]'),
    member("ReferenceImage", '{"S3Object":"x"}'),
    member("ReferenceImage", '{"S3Object":{"Name":"\\u0000"}}'),
    member("ReferenceImage", '{"BoundingBox":{"Width":"1"}}'),
    member("X", "tru"),
    '{"__type":"InternalServerError","message":"x"}',
    '{"message":"Forbidden"}',
    '{"code":"SessionNotFoundException"}',
    "{\"a\":1,}",
    "{a:1}"
  )
  for (body in bad) {
    error <- caught(results_of(emulator, svc, body))
    expect_s3_class(error, "rekognition_response_error")
    expect_identical(error$status_code, 200L)
    expect_match(error$request_id, "^[0-9a-f-]{36}$")
  }
  for (body in list(
    charToRaw("{\"Status\":\"\xff\"}"),
    charToRaw("{\"Status\":\"\xed\xa0\x80\"}"),
    as.raw(c(0x7b, 0, 0x7d))
  )) {
    expect_error(results_of(emulator, svc, body), class = "rekognition_response_error")
  }
})

test_that("a response without the id of a new session is a response error", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  emulator$fault("error", code = "X", status_code = 200)
  expect_error(svc$create_face_liveness_session(), class = "rekognition_response_error")
})

test_that("an incomplete response, or one for another session, is a response error", {
  emulator <- test_emulator()
  svc <- rekognition(config = c(emulator$config, max_retries = 0))
  bodies <- list(
    list(Status = "SUCCEEDED", Confidence = 99),
    list(SessionId = some_id, Confidence = 99),
    list(SessionId = some_id, Status = ""),
    list(SessionId = "00000000-0000-4000-8000-000000000000", Status = "SUCCEEDED", Confidence = 99),
    list(SessionId = some_id, Status = "SUCCEEDED", Confidence = 100.0001),
    list(SessionId = some_id, Status = "SUCCEEDED", Confidence = -1)
  )
  for (body in bodies) {
    emulator$put_result(some_id, body)
    # The plain list still contains what the service sent.
    expect_identical(names(svc$get_face_liveness_session_results(some_id)), names(nothing()))
    dir <- withr::local_tempdir()
    for (results in list(
      liveness_results(some_id, svc),
      liveness_wait(some_id, svc, timeout = 30),
      liveness_results(some_id, svc, images = "drop"),
      liveness_results(some_id, svc, dir = dir),
      liveness_wait(some_id, svc, timeout = 30, dir = dir)
    )) {
      expect_identical(results$error_code, "rekognition_response_error")
      expect_identical(results$status, NA_character_)
    }
    expect_length(list.files(dir, recursive = TRUE, all.files = TRUE), 0)
    expect_error(liveness_results(some_id, svc, on_error = "stop"), class = "rekognition_response_error")
  }
})

test_that("liveness_wait() keeps polling on an unknown status, and does not save it as final", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  dir <- withr::local_tempdir()
  emulator$put_result(some_id, list(SessionId = some_id, Status = "SUSPENDED"))
  results <- liveness_wait(some_id, svc, timeout = 0.5, interval = 0.05, dir = dir)
  expect_identical(results$status, "SUSPENDED")
  expect_gt(results$attempts, 1)
  expect_length(list.files(dir, recursive = TRUE), 0)
  emulator$put_result(some_id, list(SessionId = some_id, Status = "SUCCEEDED", Confidence = 100))
  expect_identical(liveness_results(some_id, svc, dir = dir)$confidence, 100)
})
