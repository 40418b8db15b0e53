# The buckets of an emulator, and the help on them.

#' Images in S3 at the emulator
#'
#' If a session has an `OutputConfig`, its images are stored in an S3 bucket, and its result contains the addresses of the
#' objects. The [emulator][rekognition_emulator()] writes these images to the bucket, and serves S3 at the same URL as
#' everything else: [liveness_images()] fetches them with a client of the emulator. In other programs, set the endpoint of
#' S3 (`AWS_ENDPOINT_URL_S3`) to this URL.
#'
#' `emulator$put_bucket(bucket, region = NULL, versioning = FALSE)` creates a bucket. The bucket of an `OutputConfig` is
#' created with the session if it does not exist, in the emulator's region and without versioning. If the bucket exists,
#' `put_bucket()` changes its region and versioning, and its objects stay. Unlike the service, the emulator also writes the
#' images of a session to a bucket in another region.
#'
#' @section Objects of sessions:
#' The keys are `reference.jpg`, `audit-0.jpg`, `audit-1.jpg` and so on, after the session's `S3KeyPrefix` and its ID; PNG images
#' of [check(image = )][rekognition_emulator()] end with `.png`. They are written when `check()` or a stream completes the
#' check; after an automatic check, when its result is first requested. They stay when the session expires. In a bucket
#' with versions, the result contains the version of each object. With `KmsKeyId`, the objects are marked as encrypted with
#' this key, but the emulator encrypts nothing.
#'
#' Operations that analyze images accept objects in these buckets (`S3Object`) in place of bytes, and find the same faces
#' and people in them. If the object does not exist or is in another region, or if the keys of the request may not read it, the
#' error is an InvalidS3ObjectException.
#'
#' @section Operations of S3:
#' GetObject, HeadObject, PutObject and DeleteObject, with `versionId` and with delete markers, and HeadBucket. PutObject
#' stores `Content-Type`, `Cache-Control` and similar headers, metadata, and the encryption headers (SSE-S3, SSE-KMS).
#' Requests must be in path style: `/bucket/key`.
#'
#' Anything else is an error with the code `NotImplemented`, such as lists of objects, ranges, conditions (`If-Match`), copies,
#' uploads in parts or in signed chunks, customer-provided keys (SSE-C), and uploads with `Content-MD5`, CRC32C or CRC64NVME
#' (CRC32, SHA-1 and SHA-256 are checked). ETags are not MD5 hashes. PutObject accepts at most 16 MiB (`EntityTooLarge`), and
#' no more objects after 1 GiB (`EmulatorIsFull`).
#'
#' @section What is checked:
#' - Signatures, in the headers or in the query of a presigned URL. Only version 4 is supported: to presign URLs with it,
#'   boto3 needs `Config(signature_version = "s3v4")`. All headers that begin with `x-amz-` must be signed.
#'   `x-amz-content-sha256` must be the hash of the body or `UNSIGNED-PAYLOAD`. The clock may be off by 15 minutes.
#' - The region. A request that is signed for the region of the bucket is accepted. If the bucket is in another region, a
#'   request that is signed for the emulator's region gets a `PermanentRedirect` with the header `x-amz-bucket-region`. A
#'   request that is signed for any other region gets an `AuthorizationHeaderMalformed` with the element `Region`.
#' - Session policies: `s3:GetObject`, `s3:PutObject`, `s3:DeleteObject`, with a version `s3:GetObjectVersion` and
#'   `s3:DeleteObjectVersion`, and `s3:ListBucket` for HeadBucket. For credentials without `s3:ListBucket`, a missing
#'   object is `AccessDenied`, not `NoSuchKey`. A session with an `OutputConfig` needs `s3:PutObject`, and images as input
#'   need `s3:GetObject`. Permissions for KMS keys are not checked.
#'
#' Errors have S3's codes: `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` (a delete marker), `AccessDenied`,
#' `InvalidAccessKeyId`, `InvalidToken`, `ExpiredToken`, `SignatureDoesNotMatch`, `RequestTimeTooSkewed`, `XAmzContentSHA256Mismatch`,
#' `BadDigest` and others. `requests()` shows these requests. `fault()` applies to them: `"throttle"` and `"rate"` respond with
#' `SlowDown`.
#'
#' @name emulator_buckets
#' @references
#' [Amazon S3 API reference](https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html),
#' [error codes of S3](https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)
#' @seealso [rekognition_emulator()], [liveness_images()]
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' emulator$put_bucket("liveness-images", versioning = TRUE)
#' output <- list(S3Bucket = "liveness-images", S3KeyPrefix = "checks")
#' id <- svc$create_face_liveness_session(Settings = list(OutputConfig = output))$SessionId
#' emulator$check(id)
#' reference <- svc$get_face_liveness_session_results(id)$ReferenceImage
#' str(reference$S3Object)
#'
#' # The bytes of the object.
#' liveness_images(svc$get_face_liveness_session_results(id), svc)$ReferenceImage$Bytes[1:4]
#'
#' # The object as input of another operation.
#' document <- system.file("extdata", "person-1-id.jpg", package = "rekognition")
#' svc$compare_faces(reference, rekognition_image(document))$FaceMatches[[1]]$Similarity
#' emulator$stop()
NULL

put_bucket <- function(server, bucket, region, versioning, call) {
  if (missing(bucket)) {
    stop_missing("bucket", call)
  }
  bucket <- check_bucket(bucket, call)
  if (!is.null(region)) {
    region <- check_emulated_region(region, call)
  }
  check_flag(versioning, "versioning", call)
  emulator_value(emulator_put_bucket(server, bucket, region, versioning), call)
  invisible()
}
