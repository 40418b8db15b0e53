# What is sent where a value is not given or empty, against expectations written by hand.

echo_client <- function(place = "echo", frame = parent.frame()) {
  skip_without_boto3()
  local_judge("arguments", frame)$client(place)
}

# Images as they are in results: in the response, in S3, and absent.
absent_image <- function() {
  list(
    Bytes = raw(0),
    S3Object = list(Bucket = character(0), Name = character(0), Version = character(0)),
    BoundingBox = list(Width = numeric(0), Height = numeric(0), Left = numeric(0), Top = numeric(0))
  )
}

image_of_result <- function() {
  image <- absent_image()
  image$Bytes <- as.raw(0:2)
  image$BoundingBox <- list(Width = 0.5, Height = 0.5, Left = 0, Top = 0)
  image
}

image_in_s3 <- function() {
  image <- absent_image()
  image$S3Object <- list(Bucket = "b", Name = "n", Version = character(0))
  image
}

test_that("NULL, empty vectors, optional empty lists and structures of these are not given", {
  svc <- echo_client()
  image <- list(S3Object = list(Bucket = "b", Name = NULL, Version = character(0)))
  expect_sent(
    svc$detect_labels(
      Image = c(image, list(Bytes = raw(0))),
      MaxLabels = integer(0),
      MinConfidence = numeric(0),
      Features = list(),
      Settings = list(
        GeneralLabels = list(LabelInclusionFilters = character(0), LabelExclusionFilters = list()),
        ImageProperties = list(MaxDominantColors = NULL)
      )
    ),
    '{"Image":{"S3Object":{"Bucket":"b"}}}'
  )
  expect_sent(
    svc$detect_labels(image, Settings = list(GeneralLabels = NULL)),
    '{"Image":{"S3Object":{"Bucket":"b"}}}'
  )
  # A required member does not matter in a structure that is not given.
  expect_sent(
    svc$create_face_liveness_session(
      ClientRequestToken = "t",
      Settings = list(OutputConfig = list(S3Bucket = character(0), S3KeyPrefix = NULL), AuditImagesLimit = 0)
    ),
    '{"ClientRequestToken":"t","Settings":{"AuditImagesLimit":0}}'
  )
  expect_sent(svc$list_collections(), "{}")
  expect_sent(svc$list_collections(NextToken = NULL, MaxResults = numeric(0)), "{}")
  expect_sent(svc$list_faces("c", FaceIds = list()), '{"CollectionId":"c"}')
})

test_that("a literal list() is an empty structure or map", {
  svc <- echo_client()
  expect_sent(svc$detect_faces(Image = list()), '{"Image":{}}')
  expect_sent(svc$detect_faces(list(S3Object = list())), '{"Image":{"S3Object":{}}}')
  expect_sent(svc$detect_labels(list(), Settings = list()), '{"Image":{},"Settings":{}}')
  expect_sent(
    svc$detect_labels(list(), Settings = list(GeneralLabels = list())),
    '{"Image":{},"Settings":{"GeneralLabels":{}}}'
  )
  expect_sent(svc$create_collection("c", Tags = list()), '{"CollectionId":"c","Tags":{}}')
  expect_sent(svc$create_collection("c", Tags = NULL), '{"CollectionId":"c"}')
  expect_sent(svc$tag_resource("arn", list()), '{"ResourceArn":"arn","Tags":{}}')
})

test_that("an empty required list is sent", {
  svc <- echo_client()
  expect_sent(svc$delete_faces("c", list()), '{"CollectionId":"c","FaceIds":[]}')
  expect_sent(svc$delete_faces("c", character(0)), '{"CollectionId":"c","FaceIds":[]}')
  expect_sent(svc$distribute_dataset_entries(list()), '{"Datasets":[]}')
})

test_that("what came out of one call goes into the next", {
  svc <- echo_client()
  # As describe_stream_processor() returns it.
  settings <- list(
    ConnectedHome = list(Labels = list(), MinConfidence = numeric(0)),
    FaceSearch = list(CollectionId = "c", FaceMatchThreshold = numeric(0))
  )
  expect_sent(
    svc$create_stream_processor(
      Input = list(KinesisVideoStream = list(Arn = "i")),
      Output = list(
        KinesisDataStream = list(Arn = character(0)),
        S3Destination = list(Bucket = "b", KeyPrefix = character(0))
      ),
      Name = "n",
      Settings = settings,
      RoleArn = "r",
      NotificationChannel = list(SNSTopicArn = character(0)),
      KmsKeyId = character(0),
      RegionsOfInterest = list(),
      DataSharingPreference = list(OptIn = logical(0))
    ),
    paste0(
      '{"Input":{"KinesisVideoStream":{"Arn":"i"}},"Output":{"S3Destination":{"Bucket":"b"}},"Name":"n",',
      '"Settings":{"FaceSearch":{"CollectionId":"c"}},"RoleArn":"r"}'
    )
  )
})

test_that("items of a list keep their places", {
  svc <- echo_client()
  regions <- function(...) svc$update_stream_processor("n", RegionsOfInterestForUpdate = list(...))
  expect_sent(regions(list()), '{"Name":"n","RegionsOfInterestForUpdate":[{}]}')
  expect_sent(
    regions(
      list(Polygon = list(list(X = 0.5, Y = numeric(0)), list(Y = 0.25)), BoundingBox = list(Left = NULL)),
      list()
    ),
    '{"Name":"n","RegionsOfInterestForUpdate":[{"Polygon":[{"X":0.5},{"Y":0.25}]},{}]}'
  )
})

test_that("an empty string, zero and FALSE are given", {
  svc <- echo_client()
  expect_sent(svc$describe_collection(""), '{"CollectionId":""}')
  expect_sent(svc$list_collections(NextToken = "", MaxResults = 0), '{"NextToken":"","MaxResults":0}')
  expect_sent(svc$list_dataset_entries("a", Labeled = FALSE), '{"DatasetArn":"a","Labeled":false}')
  expect_sent(svc$untag_resource("a", ""), '{"ResourceArn":"a","TagKeys":[""]}')
})

test_that("an atomic vector is a list of scalars", {
  svc <- echo_client()
  json <- '{"CollectionId":"c","FaceIds":["a","\\u00e9"]}'
  expect_sent(svc$delete_faces("c", c("a", "\u00e9")), json)
  expect_sent(svc$delete_faces("c", c("a", iconv("\u00e9", "UTF-8", "latin1"))), json)
  expect_sent(svc$delete_faces("c", list("a", "\u00e9")), json)
  expect_sent(svc$delete_faces("c", "a"), '{"CollectionId":"c","FaceIds":["a"]}')
})

test_that("text in any encoding is sent as UTF-8", {
  svc <- echo_client()
  latin1 <- iconv("\u00e9", "UTF-8", "latin1")
  expect_identical(Encoding(latin1), "latin1")
  tags <- structure(list(latin1), names = latin1)
  expect_sent(svc$tag_resource(latin1, tags), '{"ResourceArn":"\\u00e9","Tags":{"\\u00e9":"\\u00e9"}}')
})

test_that("whole numbers are sent without a fraction or an exponent", {
  svc <- echo_client()
  for (number in list(5, 5L)) {
    expect_identical(sent(svc$list_collections(MaxResults = number)), '{"MaxResults":5}')
  }
  start <- function(time) {
    selector <- list(KVSStreamStartSelector = list(ProducerTimestamp = time))
    sent(svc$start_stream_processor("n", StartSelector = selector))
  }
  expect_match(start(1700000000123), ":1700000000123}", fixed = TRUE)
  expect_match(start(1e5), ":100000}", fixed = TRUE)
  expect_match(start(1e17), ":100000000000000000}", fixed = TRUE)
  expect_match(start(2^53), ":9007199254740992}", fixed = TRUE)
})

test_that("an image of a result can be sent to every operation that takes an image", {
  svc <- echo_client()
  images <- list(
    `{"Bytes":"AAEC"}` = image_of_result(),
    `{"S3Object":{"Bucket":"b","Name":"n"}}` = image_in_s3(),
    `{}` = absent_image()
  )
  for (text in names(images)) {
    image <- images[[text]]
    json <- function(format) sub("@", text, format, fixed = TRUE)
    expect_sent(
      svc$compare_faces(SourceImage = image, TargetImage = list(Bytes = as.raw(255))),
      json('{"SourceImage":@,"TargetImage":{"Bytes":"/w=="}}')
    )
    expect_sent(
      svc$compare_faces(SourceImage = list(Bytes = as.raw(255)), TargetImage = image),
      json('{"SourceImage":{"Bytes":"/w=="},"TargetImage":@}')
    )
    for (operation in c(
      "detect_faces",
      "detect_labels",
      "detect_moderation_labels",
      "detect_protective_equipment",
      "detect_text",
      "recognize_celebrities"
    )) {
      expect_sent(svc[[operation]](Image = image), json('{"Image":@}'))
    }
    for (operation in c("index_faces", "search_faces_by_image", "search_users_by_image")) {
      expect_sent(svc[[operation]]("c", Image = image), json('{"CollectionId":"c","Image":@}'))
    }
    expect_sent(svc$detect_custom_labels("a", image), json('{"ProjectVersionArn":"a","Image":@}'))
  }
})

test_that("members of results have no place where there is no image", {
  svc <- echo_client()
  box <- image_of_result()["BoundingBox"]
  error <- caught(svc$start_face_detection(Video = c(list(S3Object = list(Bucket = "b")), box)))
  expect_s3_class(error, "rekognition_argument_error")
  expect_match(conditionMessage(error), "`BoundingBox`", fixed = TRUE)
  error <- caught(svc$detect_faces(Image = list(Bytes = as.raw(1), Bounding = box$BoundingBox)))
  expect_s3_class(error, "rekognition_argument_error")
  expect_match(conditionMessage(error), "`Bounding`", fixed = TRUE)
})

test_that("a required argument that is NULL or absent is missing, and an empty one is no value", {
  svc <- echo_client()
  for (call in list(
    quote(svc$describe_collection()),
    quote(svc$describe_collection(NULL)),
    quote(svc$describe_collection(character(0)))
  )) {
    error <- caught(eval(call))
    expect_s3_class(error, "rekognition_argument_error")
    expect_identical(error$argument, "CollectionId")
  }
})

test_that("a structure in place of a list of structures is an error", {
  svc <- echo_client()
  error <- caught(svc$distribute_dataset_entries(list(Arn = "a")))
  expect_s3_class(error, "rekognition_argument_error")
  expect_match(error$argument, "^Datasets")
  error <- caught(svc$detect_faces(list(list(Bytes = as.raw(1)))))
  expect_s3_class(error, "rekognition_argument_error")
  expect_match(error$argument, "^Image")
})

test_that("an idempotency token that is not given is made up, once per call", {
  svc <- echo_client("again")
  calls <- list(
    associate_faces = list("c", "u", "f"),
    create_face_liveness_session = list(),
    create_user = list("c", "u", ClientRequestToken = NULL),
    delete_user = list("c", "u", ClientRequestToken = character(0)),
    disassociate_faces = list("c", "u", FaceIds = "f"),
    start_media_analysis_job = list(
      OperationsConfig = list(),
      Input = list(S3Object = list()),
      OutputConfig = list(S3Bucket = "b")
    )
  )
  tokens <- vapply(
    names(calls),
    function(operation) {
      bodies <- jsonlite::fromJSON(
        sent(do.call(svc[[operation]], calls[[operation]])),
        simplifyVector = FALSE
      )
      expect_length(bodies, 2)
      expect_identical(bodies[[1]], bodies[[2]])
      bodies[[1]]$ClientRequestToken
    },
    ""
  )
  expect_match(tokens, "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
  expect_false(anyDuplicated(tokens) > 0)
})
