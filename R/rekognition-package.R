#' Amazon Rekognition Face Liveness
#'
#' A person looks into a camera, and Amazon Rekognition decides whether a live human was there. The back
#' end creates a session ([rekognition_create_face_liveness_session()]), the person's browser or phone runs
#' the check, and the back end fetches the results ([rekognition_get_face_liveness_session_results()]).
#' This package is that back end in R. Start with [rekognition()]; without an AWS account, start with
#' [rekognition_emulator()].
#'
#' [liveness_results()] fetches many sessions at once, [liveness_promise()] without blocking. Results can be looked at
#' ([liveness_image()], [plot.liveness_results()], [summary.liveness_results()]), saved ([liveness_save()]) and handed on
#' ([liveness_report()]).
#'
#' All failures are conditions with classes to catch: see [rekognition_conditions]. When something is wrong,
#' [rekognition_sitrep()] looks for the reason.
#'
#' The vignettes are "Get started", `vignette("rekognition")`; "Moving from paws", `vignette("paws")`; "Reviewing
#' sessions", `vignette("reviewing")`; and `vignette("troubleshooting")`.
#'
#' @references
#' [Detecting face liveness](https://docs.aws.amazon.com/rekognition/latest/dg/face-liveness.html) in the
#' Amazon Rekognition developer guide.
#' @keywords internal
#' @docType package
#' @name rekognition-package
NULL

# The library stays mapped, as it does for R on most systems anyway: clients that somebody has kept have their
# finalizers in it, and work on.
.onUnload <- function(libpath) {
  for (server in the$emulators) {
    emulator_stop(server)
  }
  for (job in the$promises) {
    reject_job(job, cancelled_condition(job$spec$call))
  }
  rm(list = ls(the), envir = the)
  gc()
  runtime_shut_down()
}
