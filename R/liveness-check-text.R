# The texts of the Shiny module.

check_texts <- function(text, call) {
  check_members(text, liveness_texts, "text", call)
  is_text <- vapply(text, function(x) is_string(x) && is_text(x), NA)
  if (!all(is_text)) {
    name <- names(text)[!is_text][1]
    where <- paste0("text$", name)
    stop_argument(where, gettextf("`%s` must be a string, not %s.", where, what_is(text[[name]])), call)
  }
  # JSON needs an object also if there are none.
  structure(lapply(text, to_utf8), names = as.character(names(text)))
}

# Those of AWS's component, of liveness.js and of shiny.js. A test compares them with the scripts.
liveness_texts <- c(
  "a11yVideoLabelText",
  "cameraMinSpecificationsHeadingText",
  "cameraMinSpecificationsMessageText",
  "cameraNotAllowedHeaderText",
  "cameraNotAllowedMessageText",
  "cameraNotFoundHeadingText",
  "cameraNotFoundMessageText",
  "canceledText",
  "cancelLivenessCheckText",
  "checkCompleteText",
  "clientHeaderText",
  "clientMessageText",
  "connectionFailedHeaderText",
  "connectionFailedMessageText",
  "connectionTimeoutHeaderText",
  "connectionTimeoutMessageText",
  "errorLabelText",
  "faceDistanceHeaderText",
  "faceDistanceMessageText",
  "frameNotAllowedMessageText",
  "goodFitAltText",
  "goodFitCaptionText",
  "hintCanNotIdentifyText",
  "hintCenterFaceInstructionText",
  "hintCenterFaceText",
  "hintCheckCompleteText",
  "hintConnectingText",
  "hintFaceDetectedText",
  "hintFaceOffCenterText",
  "hintHoldFaceForFreshnessText",
  "hintIlluminationNormalText",
  "hintIlluminationTooBrightText",
  "hintIlluminationTooDarkText",
  "hintMatchIndicatorText",
  "hintMoveFaceFrontOfCameraText",
  "hintTooCloseText",
  "hintTooFarText",
  "hintTooManyFacesText",
  "hintVerifyingText",
  "insecurePageHeaderText",
  "insecurePageMessageText",
  "landscapeHeaderText",
  "landscapeMessageText",
  "multipleFacesHeaderText",
  "multipleFacesMessageText",
  "noCameraHeaderText",
  "noCameraMessageText",
  "noFaceHeaderText",
  "noFaceMessageText",
  "noResponseHeaderText",
  "noResponseMessageText",
  "noResultHeaderText",
  "noResultMessageText",
  "photosensitivityWarningBodyText",
  "photosensitivityWarningHeadingText",
  "photosensitivityWarningInfoText",
  "photosensitivityWarningLabelText",
  "portraitMessageText",
  "recordingIndicatorText",
  "retryCameraPermissionsText",
  "serverHeaderText",
  "serverMessageText",
  "startingText",
  "startScreenBeginCheckText",
  "timeoutHeaderText",
  "timeoutMessageText",
  "tooFarAltText",
  "tooFarCaptionText",
  "tooManyChecksText",
  "tryAgainText",
  "unavailableText",
  "unsupportedBrowserHeaderText",
  "unsupportedBrowserMessageText",
  "waitingCameraPermissionText"
)
