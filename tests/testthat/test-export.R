# Exported results have descriptions of images instead of their bytes.

expect_no_bytes <- function(text) {
  text <- paste(unlist(text), collapse = "\n")
  expect_false(grepl("0xff|ff[, ]+d8|as[.]raw|/9j/", text))
  expect_lt(nchar(text), 50000)
}

test_that("all columns can be exported as CSV, with images as text", {
  results <- some_results()
  file <- withr::local_tempfile()
  for (x in list(results, merge(results, data.frame(session_id = results$session_id, user = "a")))) {
    for (write in list(
      function(x) utils::write.csv(x, file, row.names = FALSE),
      function(x) utils::write.table(x, file, sep = ",", row.names = FALSE)
    )) {
      write(x)
      expect_no_bytes(readLines(file))
      read <- utils::read.csv(file)
      expect_identical(names(read), names(x))
      expect_identical(read$session_id, x$session_id)
      expect_identical(read$confidence, x$confidence)
      expect_match(read$reference_image[1], "<JPEG, 0.1 kB, face at -0.125,0.1 0.5x0.25>", fixed = TRUE)
      expect_identical(read$audit_images[1], "2 images")
      expect_identical(read$error[4], "<SessionNotFoundException>")
      expect_identical(read$feedback[2], "FACE_NOT_VISIBLE, EYES_CLOSED_DETECTED")
    }
    utils::write.csv2(x, file, row.names = FALSE)
    expect_identical(names(utils::read.csv2(file)), names(x))
  }
})

test_that("paths of images are exported unchanged", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  id <- new_session(svc)
  emulator$check(id)
  file <- withr::local_tempfile()
  for (name in c("checks, week 48", "a;b", "it \"quoted\"", "it's", "plain")) {
    results <- liveness_results(id, svc, dir = file.path(withr::local_tempdir(), name))
    path <- results$reference_image[[1]]
    expect_identical(as.character(results$reference_image), path)
    utils::write.csv(results, file, row.names = FALSE)
    read <- utils::read.csv(file)
    expect_identical(read$session_id, id)
    expect_identical(read$reference_image, path)
    utils::write.csv2(results, file, row.names = FALSE)
    expect_identical(utils::read.csv2(file)$reference_image, path)
    # Separated by spaces, which R does not quote in times.
    utils::write.table(results[setdiff(names(results), "retrieved_at")], file, qmethod = "double")
    read <- utils::read.table(file, sep = " ", header = TRUE)
    expect_identical(read$session_id, id)
    expect_identical(read$reference_image, path)
  }
})

test_that("columns of images never turn into bytes", {
  results <- some_results()
  column <- results$reference_image
  changed <- results
  changed[["reference_image"]][[3]] <- column[[1]]
  changed$audit_images[2] <- list(NULL)
  expect_no_bytes(list(
    as.character(column),
    paste(column, results$audit_images),
    toString(results$audit_images),
    format(results$audit_images),
    as.character(unique(column)),
    as.character(rep(column, 2)),
    as.character(rev(c(column, column))),
    as.character(utils::head(column, 2)),
    capture.output(
      print(results),
      print(column),
      print(as.matrix(results)),
      print(t(results)),
      print(apply(results, 1, paste)),
      print(as.data.frame(results)),
      print(merge(results, results["session_id"])),
      print(rbind(results, results)),
      print(cbind(results, a = 1)),
      print(split(results, results$status)),
      print(do.call(rbind, split(results, 1:4))),
      print(data.frame(id = results$session_id, image = column)),
      print(data.frame(lapply(results, as.character))),
      print(unique(results[c(1, 1, 2), ])),
      print(format.data.frame(results)),
      print(changed),
      utils::write.csv(changed),
      str(results),
      str(column),
      print(utils::ls.str(list2env(list(results = results)))),
      print(all.equal(results, changed))
    )
  ))
  expect_identical(anyDuplicated(results[c(1, 2, 1), ]), 3L)
  expect_identical(duplicated(results[c(1, 2, 1), ]), c(FALSE, FALSE, TRUE))
  expect_identical(data.frame(a = 1:4, b = column)$b, column)
})

test_that("tables of other packages do not show bytes", {
  skip_if_not_installed("dplyr")
  skip_if_not_installed("knitr")
  results <- some_results()
  expect_no_bytes(capture.output(
    print(knitr::kable(results)),
    print(knitr::kable(results, "html")),
    print(tibble::as_tibble(results), width = Inf),
    print(dplyr::group_by(results, status), width = Inf),
    print(dplyr::rowwise(results), width = Inf),
    dplyr::glimpse(results),
    print(dplyr::pull(results, reference_image))
  ))
})

test_that("S4 methods for data frames, such as those of DBI, accept results", {
  results <- some_results()
  where <- new.env()
  methods::setGeneric("store", function(connection, value, ...) standardGeneric("store"), where = where)
  methods::setMethod(
    "store",
    methods::signature("character", "data.frame"),
    function(connection, value, ...) dim(value),
    where = where
  )
  withr::defer(methods::removeGeneric("store", where = where))
  expect_identical(where$store("", results[c("session_id", "status")]), c(4L, 2L))
  expect_true(methods::is(results, "data.frame"))
})

test_that("S4 methods accept results that were read from a file, once DBI is loaded", {
  skip_on_cran()
  skip_if_not_installed("callr")
  file <- withr::local_tempfile()
  saveRDS(some_results()[c("session_id", "status")], file)
  is_data_frame <- run_elsewhere(
    function(file) {
      loadNamespace("rekognition")
      for (loaded in getHook(packageEvent("DBI", "onLoad"))) {
        loaded("DBI", "")
      }
      methods::is(readRDS(file), "data.frame")
    },
    list(file)
  )
  expect_true(is_data_frame)
})

test_that("the list that an operation returns has no class", {
  emulator <- test_emulator()
  svc <- rekognition(emulator$config)
  id <- new_session(svc)
  emulator$check(id)
  documented <- svc$get_face_liveness_session_results(id)
  is_plain <- function(x) is.null(attr(x, "class")) && (!is.list(x) || all(vapply(x, is_plain, NA)))
  expect_true(is_plain(documented))
})
