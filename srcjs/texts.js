// What a person reads at the end of a check. `options.text` replaces these texts and those of the component, which has some
// of the same names.
const defaults = {
  checkCompleteText: "Check complete",
  canceledText: "Check canceled",

  insecurePageHeaderText: "No camera on this page",
  insecurePageMessageText: "Browsers allow the camera only at addresses that begin with https.",
  unsupportedBrowserHeaderText: "Browser not supported",
  unsupportedBrowserMessageText:
    "This browser cannot record video. Use a current version of Chrome, Edge, Firefox or Safari.",
  cameraNotAllowedHeaderText: "Camera not allowed",
  cameraNotAllowedMessageText: "Allow this page to use the camera in the settings of your browser, then try again.",
  frameNotAllowedMessageText:
    "Open this page in a browser window of its own, or allow it to use the camera, then try again.",
  noCameraHeaderText: "No camera found",
  noCameraMessageText: "Connect a camera, then try again.",
  cameraNotFoundHeadingText: "Camera not available",
  cameraNotFoundMessageText: "Close other programs that use the camera, then try again.",
  cameraMinSpecificationsHeadingText: "Camera not suitable",
  cameraMinSpecificationsMessageText: "The camera must support at least 320 x 240 pixels and 15 frames per second.",
  landscapeHeaderText: "Screen in landscape orientation",
  landscapeMessageText: "Hold your device upright, then try again.",

  connectionFailedHeaderText: "No connection",
  connectionFailedMessageText: "Check your network, then try again.",
  noResponseHeaderText: "No response",
  noResponseMessageText: "The check could not be started. Try again.",
  noFaceHeaderText: "No face found",
  noFaceMessageText: "Sit in good light, an arm's length from the camera, then try again.",
  timeoutHeaderText: "Time is up",
  timeoutMessageText: "Your face did not fill the oval in time. Try again, and move closer until it does.",
  noResultHeaderText: "No response",
  noResultMessageText: "Your video was sent, but its receipt was not confirmed.",
  serverHeaderText: "Check failed",
  serverMessageText: "The service could not complete the check.",
  clientHeaderText: "Check failed",
  clientMessageText: "Something went wrong in the browser. Try again.",
};

// The names of the heading and the message of each state. Others have those of RUNTIME_ERROR.
const states = {
  CANCELLED: ["canceledText"],
  INSECURE_PAGE: ["insecurePageHeaderText", "insecurePageMessageText"],
  UNSUPPORTED_BROWSER: ["unsupportedBrowserHeaderText", "unsupportedBrowserMessageText"],
  CAMERA_NOT_ALLOWED: ["cameraNotAllowedHeaderText", "cameraNotAllowedMessageText"],
  NO_CAMERA: ["noCameraHeaderText", "noCameraMessageText"],
  DEFAULT_CAMERA_NOT_FOUND_ERROR: ["noCameraHeaderText", "noCameraMessageText"],
  CAMERA_ACCESS_ERROR: ["cameraNotFoundHeadingText", "cameraNotFoundMessageText"],
  CAMERA_FRAMERATE_ERROR: ["cameraMinSpecificationsHeadingText", "cameraMinSpecificationsMessageText"],
  MOBILE_LANDSCAPE_ERROR: ["landscapeHeaderText", "landscapeMessageText"],
  CONNECTION_FAILED: ["connectionFailedHeaderText", "connectionFailedMessageText"],
  CONNECTION_TIMEOUT: ["connectionFailedHeaderText", "connectionFailedMessageText"],
  NO_SESSION_INFORMATION: ["noResponseHeaderText", "noResponseMessageText"],
  NO_FACE: ["noFaceHeaderText", "noFaceMessageText"],
  TIMEOUT: ["timeoutHeaderText", "timeoutMessageText"],
  NO_DISCONNECTION: ["noResultHeaderText", "noResultMessageText"],
  SERVER_ERROR: ["serverHeaderText", "serverMessageText"],
  RUNTIME_ERROR: ["clientHeaderText", "clientMessageText"],
};

// Reasons of the service and the relay. A text with such a name replaces the reason that is shown; "" hides it.
const reasonCodes = [
  "InternalServerException",
  "REFUSED",
  "ServiceQuotaExceededException",
  "ServiceUnavailableException",
  "SessionNotFoundException",
  "ThrottlingException",
  "TIMEOUT",
  "UNAVAILABLE",
  "ValidationException",
];

function reasonText({ code, message }, text) {
  const own = reasonCodes.includes(code) ? text[code] : undefined;
  return own ?? [code, message].filter(Boolean).join(": ");
}

// The element that replaces the component at the end: for a CheckError, or for a complete check.
export function endMessage(error, text = {}) {
  const isKnown = error && Object.keys(states).includes(error.state);
  const [heading, message] = error ? states[isKnown ? error.state : "RUNTIME_ERROR"] : ["checkCompleteText"];
  const { reason } = error ?? {};
  const element = document.createElement("div");
  const outcome = !error ? "complete" : error.state === "CANCELLED" ? "canceled" : "failed";
  element.className = `rekognition-liveness-end rekognition-liveness-${outcome}`;
  element.setAttribute("role", outcome === "failed" ? "alert" : "status");
  const add = (name, content) => {
    if (content) {
      const line = document.createElement("p");
      line.className = `rekognition-liveness-${name}`;
      line.textContent = content;
      element.append(line);
    }
  };
  const all = { ...defaults, ...text };
  add("heading", all[heading]);
  add("message", all[error?.messageText ?? message]);
  add("reason", reason && reasonText(reason, all));
  return element;
}
