# The lines that a script for boto3 prints about an emulator.
judgement_of_boto3 <- function(script, emulator, ...) {
  keys <- emulator$config$credentials$creds
  withr::local_envvar(
    AWS_ACCESS_KEY_ID = keys$access_key_id,
    AWS_SECRET_ACCESS_KEY = keys$secret_access_key,
    AWS_SESSION_TOKEN = NA
  )
  run_python(script, c(emulator$url, ...))
}

test_that("applications with boto3 work on the emulator, and its responses are as botocore's model has them", {
  skip_without_boto3()
  faces <- system.file("extdata", package = "rekognition")
  lines <- strsplit(judgement_of_boto3("boto3-emulator.py", test_emulator(), shQuote(faces)), "\t")
  flows <- lines[-length(lines)]
  expect_gte(length(flows), 5)
  outcomes <- stats::setNames(vapply(flows, `[`, "", 2), vapply(flows, `[`, "", 1))
  expect_identical(outcomes[outcomes != "ok"], outcomes[0])
  expect_setequal(
    lines[[length(lines)]][-1],
    c(
      "AssociateFaces",
      "CompareFaces",
      "CreateCollection",
      "CreateUser",
      "DeleteCollection",
      "DeleteFaces",
      "DeleteUser",
      "DescribeCollection",
      "DetectFaces",
      "DetectLabels",
      "DisassociateFaces",
      "IndexFaces",
      "ListCollections",
      "ListFaces",
      "ListTagsForResource",
      "ListUsers",
      "SearchFaces",
      "SearchFacesByImage",
      "SearchUsers",
      "SearchUsersByImage",
      "TagResource",
      "UntagResource"
    )
  )
})

test_that("inputs that break one constraint of botocore's model are refused for it, and others are not", {
  skip_without_boto3()
  lines <- judgement_of_boto3("boto3-bounds.py", test_emulator())
  counts <- as.numeric(strsplit(lines[length(lines)], "\t")[[1]])
  expect_identical(lines[-length(lines)], character())
  expect_identical(counts[1], 75)
  expect_gt(counts[2], 1500)
})

# The first path at which a value of R does not have what boto3 returned; NULL if there is none.
disagreement <- function(ours, theirs, path = "") {
  if (!is.list(theirs)) {
    # Of numbers, the text says no type, and Python's times have microseconds.
    same <- if (inherits(ours, "POSIXct")) {
      abs(as.numeric(ours) - theirs) < 1e-6
    } else if (is.numeric(theirs)) {
      is.numeric(ours) && ours == theirs
    } else {
      identical(ours, theirs)
    }
    return(if (!isTRUE(same)) path)
  }
  places <- if (is.null(names(theirs))) seq_along(theirs) else names(theirs)
  if (is.null(names(theirs)) && length(ours) != length(theirs)) {
    return(path)
  }
  for (place in places) {
    found <- disagreement(ours[[place]], theirs[[place]], paste0(path, "/", place))
    if (!is.null(found)) {
      return(found)
    }
  }
  NULL
}

test_that("boto3 and R get the same from the same emulator", {
  skip_without_boto3()
  skip_if_not_installed("jsonlite")
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  file <- function(name) system.file("extdata", name, package = "rekognition")
  image <- function(name) list(File = file(name))
  svc$create_collection("staff", Tags = list(team = "access"))
  arn <- svc$describe_collection("staff")$CollectionARN
  for (name in c("face-0.jpg", "person-2-0.jpg", "person-3-0.jpg", "group.jpg")) {
    svc$index_faces("staff", rekognition_image(file(name)), ExternalImageId = name)
  }
  ids <- vapply(svc$list_faces("staff")$Faces, `[[`, "", "FaceId")
  face <- ids[1]
  svc$create_user("staff", "anna")
  svc$associate_faces("staff", "anna", face)
  calls <- list(
    list("list_collections"),
    list("describe_collection", CollectionId = "staff"),
    list("list_tags_for_resource", ResourceArn = arn),
    list("list_faces", CollectionId = "staff", MaxResults = 3),
    list("list_users", CollectionId = "staff"),
    list("search_faces", CollectionId = "staff", FaceId = face, FaceMatchThreshold = 0),
    list("search_users", CollectionId = "staff", UserId = "anna", UserMatchThreshold = 0),
    list("search_faces_by_image", CollectionId = "staff", Image = image("person-2-1.jpg")),
    list("search_users_by_image", CollectionId = "staff", Image = image("person-1-id.jpg")),
    list("compare_faces", SourceImage = image("face-1.jpg"), TargetImage = image("group.jpg")),
    list("compare_faces", SourceImage = image("person-5-0.jpg"), TargetImage = image("group.jpg")),
    list("detect_faces", Image = image("group.jpg"), Attributes = list("ALL")),
    list("delete_faces", CollectionId = "staff", FaceIds = list(ids[2], some_id))
  )
  lines <- vapply(calls, FUN.VALUE = "", FUN = function(call) {
    arguments <- call[-1]
    names(arguments) <- names(call)[-1]
    json <- if (length(arguments) > 0) jsonlite::toJSON(arguments, auto_unbox = TRUE, digits = NA) else "{}"
    paste(call[[1]], json, sep = "\t")
  })
  keys <- emulator$config$credentials$creds
  withr::local_envvar(AWS_ACCESS_KEY_ID = keys$access_key_id, AWS_SECRET_ACCESS_KEY = keys$secret_access_key)
  # The last call changes what is there: R is first, but for that one.
  reads <- calls[-length(calls)]
  ours <- lapply(reads, function(call) {
    arguments <- lapply(call[-1], function(x) {
      if (is.list(x) && !is.null(x$File)) rekognition_image(x$File) else x
    })
    do.call(svc[[call[[1]]]], arguments)
  })
  theirs <- lapply(
    run_python("boto3-agrees.py", emulator$url, input = lines),
    jsonlite::fromJSON,
    simplifyVector = FALSE
  )
  for (i in seq_along(reads)) {
    expect_null(disagreement(ours[[i]], theirs[[i]]), info = lines[i])
  }
  expect_gt(length(theirs[[8]]$FaceMatches), 0)
  expect_identical(theirs[[length(calls)]]$DeletedFaces, list(ids[2]))
  expect_false(ids[2] %in% vapply(svc$list_faces("staff")$Faces, `[[`, "", "FaceId"))
})
