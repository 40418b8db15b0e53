# The API, without a login: POST /checks creates a session, and GET /checks/<id> returns
# its verdict. Both return promises, so that no request waits for another one.
checks_api <- function() {
  create <- function() {
    rekognition::rekognition_promise(rekognition::rekognition_create_face_liveness_session)
  }
  verdict <- function(id, res) {
    promises::then(rekognition::liveness_promise(id, images = "drop"), function(result) {
      if (!is.null(result$error[[1]])) {
        res$status <- 503
        return(list(error = "The check is not available right now."))
      }
      list(passed = passes(result))
    })
  }
  json <- plumber::serializer_unboxed_json()
  plumber::pr() |>
    plumber::pr_post("/checks", create, serializer = json) |>
    plumber::pr_get("/checks/<id>", verdict, serializer = json)
}
