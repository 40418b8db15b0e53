# Results that do not depend on the emulator's moods.
some_results <- function(frame = parent.frame()) {
  emulator <- local_emulator(frame = frame)
  svc <- rekognition(config = emulator$config)
  ids <- sprintf("00000000-0000-0000-0000-00000000000%d", 1:4)
  image <- list(
    Bytes = as.raw(c(0xff, 0xd8, 0xff, 1:97)),
    BoundingBox = list(Width = 0.5, Height = 0.25, Left = -0.125, Top = 0.1)
  )
  emulator$put_result(
    ids[1],
    list(
      SessionId = ids[1],
      Status = "SUCCEEDED",
      Confidence = 99.5,
      ReferenceImage = image,
      AuditImages = list(image, image)
    )
  )
  emulator$put_result(
    ids[2],
    list(
      SessionId = ids[2],
      Status = "SUCCEEDED",
      Confidence = 41,
      ReferenceImage = list(S3Object = list(Bucket = "b", Name = "k/r.jpg")),
      Feedback = list(
        list(Code = "FACE_NOT_VISIBLE", Message = "m"),
        list(Code = "EYES_CLOSED_DETECTED", Message = "m")
      )
    )
  )
  emulator$put_result(ids[3], list(SessionId = ids[3], Status = "FAILED"))
  liveness_results(ids, svc)
}

test_that("results print in a few lines, and never bytes", {
  results <- some_results()
  expect_snapshot(print(results))
  expect_snapshot(summary(results))
  expect_snapshot(results$reference_image[[1]])
  expect_snapshot(results$reference_image[[2]])
  expect_snapshot(results[0, ])
  printed <- capture.output(print(results[rep(1, 30), ]))
  expect_match(printed, "and 20 more", all = FALSE)
  expect_length(capture.output(print(results[rep(1, 30), ], n = 30)), 32)
  for (object in list(
    results,
    merge(results, data.frame(session_id = results$session_id)),
    as.data.frame(results)
  )) {
    expect_false(any(grepl("d8, ff|0xd8|ff d8", capture.output(print(object)))))
    expect_false(any(grepl("d8, ff|ff d8", unlist(lapply(format(object), as.character)))))
  }
})

test_that("results are data frames for base R", {
  results <- some_results()
  both <- rbind(results, results[2:3, ])
  expect_s3_class(both, "liveness_results")
  expect_identical(both$session_id, results$session_id[c(1:4, 2:3)])
  expect_identical(both$reference_image[[5]], results$reference_image[[2]])
  good <- results[which(results$confidence > 90), ]
  expect_identical(good$session_id, results$session_id[1])
  expect_s3_class(good, "liveness_results")
  expect_identical(good$reference_image[[1]]$Bytes, results$reference_image[[1]]$Bytes)
  expect_output(print(results["confidence"]), "99.5")
  users <- data.frame(session_id = rev(results$session_id), user = c("d", "c", "b", "a"))
  merged <- merge(results, users, by = "session_id")
  expect_identical(merged$user, c("a", "b", "c", "d"))
  expect_identical(merged$reference_image[[2]], results$reference_image[[2]])
  ordered <- results[order(results$confidence), ]
  expect_identical(ordered$confidence[1:2], c(41, 99.5))
  results$user <- letters[1:4]
  expect_identical(nrow(subset(results, user == "b")), 1L)
  expect_identical(
    c(results$feedback[2], results$feedback[3])[[1]]$code,
    c("FACE_NOT_VISIBLE", "EYES_CLOSED_DETECTED")
  )
  expect_identical(summary(results)$sessions, 4L)
  expect_identical(as.vector(summary(results)$status[c("SUCCEEDED", "FAILED")]), c(2L, 1L))
})

test_that("results are tibbles where tibble is loaded, and go through dplyr", {
  skip_if_not_installed("dplyr")
  result <- run_elsewhere(
    function(config) {
      emulator <- rekognition::rekognition_emulator(check_after = Inf)
      svc <- rekognition::rekognition(emulator$config)
      ids <- vapply(1:3, function(i) svc$create_face_liveness_session()$SessionId, "")
      for (i in 1:2) {
        emulator$check(ids[i], confidence = 90 + i)
      }
      before <- class(rekognition::liveness_results(ids, svc))
      loadNamespace("dplyr")
      results <- rekognition::liveness_results(ids, svc)
      best <- dplyr::arrange(dplyr::filter(results, confidence > 0), dplyr::desc(confidence))
      by_status <- dplyr::summarise(dplyr::group_by(results, status), n = dplyr::n())
      joined <- dplyr::left_join(
        results,
        tibble::tibble(session_id = ids, user = letters[1:3]),
        by = "session_id"
      )
      list(
        before = before,
        after = class(results),
        best = best$confidence,
        status = by_status$n,
        users = joined$user,
        bound = nrow(dplyr::bind_rows(results, results)),
        image = identical(best$reference_image[[2]], results$reference_image[[1]]),
        printed = capture.output(print(dplyr::select(results, session_id, reference_image)))
      )
    },
    list(NULL)
  )
  expect_identical(result$before, c("liveness_results", "data.frame"))
  expect_identical(result$after, c("liveness_results", "tbl_df", "tbl", "data.frame"))
  expect_identical(result$best, c(92, 91))
  expect_identical(result$status, c(1L, 2L))
  expect_identical(result$users, letters[1:3])
  expect_identical(result$bound, 6L)
  expect_true(result$image)
  expect_match(result$printed[1], "tibble")
})

test_that("results that lost their class get it back, and columns of one's own are shown", {
  results <- some_results()
  users <- data.frame(session_id = results$session_id, user = c("Ada", "Ben", "Chen", "Dita"))
  merged <- merge(results, users, by = "session_id")
  again <- as_liveness_results(merged)
  expect_s3_class(again, "liveness_results")
  expect_output(print(again), "Chen")
  expect_identical(summary(again)$sessions, 4L)
  expect_identical(as_liveness_results(again), again)
  expect_identical(caught(as_liveness_results(1))$argument, "x")
  expect_s3_class(caught(as_liveness_results(data.frame(a = 1))), "rekognition_error")
})

test_that("the requests of a session that is there twice are counted once", {
  results <- some_results()
  expect_identical(summary(results[c(1, 1, 2), ])$attempts, 2L)
})
