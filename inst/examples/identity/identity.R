# From a check to an identity: is the person live, are they the person on the document, and is the face enrolled already?
# vignette("identity", package = "rekognition") explains the steps and what the thresholds mean. Run it with
#
#   Rscript -e 'source(system.file("examples/identity/identity.R", package = "rekognition"))'
#
# It runs on the emulator, with drawn faces. The functions are the same for AWS: copy them into your back end.

library(rekognition)

# For drawn faces. Choose your own by what is at stake, and with your own data.
confidence_needed <- 90
similarity_needed <- 95

# The similarity of the person in `image` to each face on the document, the most similar first. Empty if the service
# finds no face in one of the images.
compare_with_document <- function(svc, image, document) {
  comparison <- tryCatch(
    # 0: also returns the similarity of faces that do not match.
    svc$compare_faces(SourceImage = image, TargetImage = document, SimilarityThreshold = 0),
    InvalidParameterException = function(e) list()
  )
  vapply(comparison$FaceMatches, function(match) match$Similarity, 0)
}

# The users in a collection who look like the person in `image`, the most similar first.
find_users <- function(svc, collection, image, threshold = similarity_needed) {
  matches <- svc$search_users_by_image(collection, image, UserMatchThreshold = threshold)$UserMatches
  data.frame(
    user_id = vapply(matches, function(match) match$User$UserId, ""),
    similarity = vapply(matches, function(match) match$Similarity, 0)
  )
}

# Adds the largest face of each image to a collection, as the faces of one user. Returns the IDs of the faces that this user
# has now: store them, because they are needed to delete the faces. None if the user is someone else.
enroll <- function(svc, collection, user_id, images) {
  face_ids <- character()
  for (image in images) {
    # The service leaves out faces of poor quality, without an error.
    indexed <- svc$index_faces(collection, image, ExternalImageId = user_id, MaxFaces = 1)
    face_ids <- c(face_ids, vapply(indexed$FaceRecords, function(record) record$Face$FaceId, ""))
  }
  if (length(face_ids) > 0) {
    tryCatch(
      svc$create_user(collection, user_id),
      ConflictException = function(e) NULL # The user exists, from an earlier enrollment.
    )
    associated <- svc$associate_faces(collection, user_id, face_ids, UserMatchThreshold = similarity_needed)
    # The service refuses faces that are not like those of the user, without an error.
    refused <- associated$UnsuccessfulFaceAssociations
    ids <- vapply(refused, function(face) face$FaceId, "")
    is_other <- vapply(refused, function(face) "ASSOCIATED_TO_A_DIFFERENT_USER" %in% unlist(face$Reasons), NA)
    delete_faces(svc, collection, ids[!is_other])
    face_ids <- setdiff(face_ids, ids)
  }
  face_ids
}

delete_faces <- function(svc, collection, face_ids) {
  for (some in split(face_ids, (seq_along(face_ids) - 1) %/% 4096)) {
    left <- svc$delete_faces(collection, some)$UnsuccessfulFaceDeletions
    # Those that were deleted before are not there.
    left <- Filter(function(face) !"FACE_NOT_FOUND" %in% unlist(face$Reasons), left)
    if (length(left) > 0) {
      stop(length(left), " faces were not deleted: ", toString(unlist(left[[1]]$Reasons)))
    }
  }
}

# Deletes a user and the faces of this user, which the service would keep in the collection.
forget <- function(svc, collection, user_id, face_ids) {
  tryCatch(
    svc$delete_user(collection, user_id),
    ResourceNotFoundException = function(e) NULL
  )
  delete_faces(svc, collection, face_ids)
}

# One row: the decision and its reason. `result` is one row of liveness_results(), `document` an image.
identify <- function(svc, collection, user_id, result, document) {
  outcome <- function(decision, reason, similarity = NA, face_ids = character()) {
    row <- data.frame(user_id, confidence = result$confidence, similarity, decision, reason)
    row$face_ids <- list(face_ids)
    row
  }
  if (!isTRUE(result$status == "SUCCEEDED" && result$confidence >= confidence_needed)) {
    return(outcome("fail", "not live"))
  }
  image <- result$reference_image[[1]]
  if (is.null(image)) {
    return(outcome("review", "no reference image"))
  }
  similarity <- compare_with_document(svc, image, document)
  if (length(similarity) != 1) {
    return(outcome("review", sprintf("%d faces on the document", length(similarity)), similarity[1]))
  }
  if (similarity < similarity_needed) {
    return(outcome("fail", "another person on the document", similarity))
  }
  others <- setdiff(find_users(svc, collection, image)$user_id, user_id)
  if (length(others) > 0) {
    return(outcome("review", paste("also enrolled as", toString(others)), similarity))
  }
  images <- c(list(image), result$audit_images[[1]])
  face_ids <- enroll(svc, collection, user_id, images)
  if (length(face_ids) == 0) {
    return(outcome("review", "no face could be enrolled", similarity))
  }
  outcome("pass", "enrolled", similarity, face_ids)
}

# The flow, for people who apply for an account.
emulator <- rekognition_emulator(check_after = Inf)
svc <- rekognition(emulator$config)
sample_image <- function(file) rekognition_image(system.file("extdata", file, package = "rekognition"))
svc$create_collection("customers")

applicants <- read.csv(
  text = "
user_id, person,   confidence, document
user-1,  person-2, 99.2,       person-2-id.jpg
user-2,  person-3, 98.1,       person-3-id.jpg
user-3,  person-2, 97.5,       person-2-id.jpg
user-4,  person-4, 98.8,       person-5-id.jpg
user-5,  person-5, 41.7,       person-5-id.jpg
user-6,  person-6, 99.0,       group.jpg
",
  strip.white = TRUE
)

outcomes <- do.call(
  rbind,
  lapply(seq_len(nrow(applicants)), function(i) {
    applicant <- applicants[i, ]
    settings <- list(AuditImagesLimit = 4)
    session_id <- svc$create_face_liveness_session(Settings = settings)$SessionId
    # On AWS: the person looks into the camera.
    images <- lapply(paste0(applicant$person, c("-0.jpg", "-1.jpg")), sample_image)
    emulator$check(session_id, confidence = applicant$confidence, image = images)
    result <- liveness_results(session_id, svc)
    identify(svc, "customers", applicant$user_id, result, sample_image(applicant$document))
  })
)
print(outcomes[c("user_id", "confidence", "similarity", "decision", "reason")], digits = 4)

# A customer closes the account: delete the user and the faces.
forget(svc, "customers", "user-1", outcomes$face_ids[[1]])
print(find_users(svc, "customers", sample_image("person-2-0.jpg")))
emulator$stop()
