# The page's half of a check.
#' liveness_page
#' @export
liveness_page <- function() {
  folder <- system.file("www", "liveness", package = "rekognition")
  if (!file.exists(file.path(folder, "liveness.js"))) {
    stop_plain(
      gettext("The package was installed without the page's half of a check."),
      user_call(sys.call())
    )
  }
  folder
}
