#' Client for Amazon Rekognition with Face Liveness
#'
#' A user looks into a camera, and Amazon Rekognition determines whether this is a live person. The back end creates a
#' session ([rekognition_create_face_liveness_session()]), the user's browser or phone runs the check, and the back end
#' fetches the results ([rekognition_get_face_liveness_session_results()]). This package is that back end in R, and the check
#' in the browser: [liveness_check_server()] for Shiny, [liveness_relay()] for others. Start with [rekognition()] or, without
#' an AWS account, with [rekognition_emulator()].
#'
#' [liveness_results()] fetches many sessions at once, [liveness_promise()] without blocking. Results can be viewed
#' ([liveness_image()], [plot.liveness_results()], [summary.liveness_results()]), saved ([liveness_save()]) and shared
#' ([liveness_report()]).
#'
#' All other operations of the service are functions, too: see [rekognition_operations]. Compare a face with a document
#' ([rekognition_compare_faces()]), or search a collection for it ([rekognition_search_faces_by_image()]).
#'
#' All failures are conditions with classes: see [rekognition_conditions]. [rekognition_sitrep()] diagnoses problems.
#'
#' The vignettes are "Get started", `vignette("rekognition")`; "Checking a person in Shiny", `vignette("checking")`; "Moving from paws", `vignette("paws")`; "Reviewing
#' sessions", `vignette("reviewing")`; "Testing a Face Liveness page without an AWS account", `vignette("streaming")`; and
#' `vignette("troubleshooting")`.
#'
#' @references
#' [Detecting face liveness](https://docs.aws.amazon.com/rekognition/latest/dg/face-liveness.html) in the
#' Amazon Rekognition developer guide.
#' @keywords internal
#' @docType package
#' @name rekognition-package
NULL

# Results that were read from a file meet S4 methods mostly through DBI.
.onLoad <- function(libname, pkgname) {
  if (isNamespaceLoaded("DBI")) {
    register_s4_class()
  } else {
    setHook(packageEvent("DBI", "onLoad"), register_s4_class)
  }
}

# The shared library stays loaded (R rarely unloads one anyway): clients that still exist have finalizers in it and keep
# working.
.onUnload <- function(libpath) {
  for (server in the$emulators) {
    emulator_stop(server)
  }
  for (job in the$promises) {
    reject_job(job, cancelled_condition(job$call))
  }
  rm(list = ls(the), envir = the)
  gc()
  runtime_shut_down()
}
