// The camera: whether the page may use it, and that it is off when no check runs.
import { CheckError } from "./check-error.js";

// Throws if this page cannot run a check. The person is not asked for anything yet.
export function checkPage() {
  if (!window.isSecureContext) {
    const message = `Browsers allow the camera on https:// and on localhost only. This page is at ${location.origin}.`;
    throw new CheckError("INSECURE_PAGE", message);
  }
  if (!globalThis.navigator.mediaDevices || typeof MediaRecorder === "undefined") {
    throw new CheckError("UNSUPPORTED_BROWSER", "This browser cannot record video: it has no MediaRecorder.");
  }
  // Other browsers than Chromium do not say before the camera is opened.
  if (document.featurePolicy?.allowsFeature("camera") === false) {
    throw notAllowed("The permissions policy of this page forbids the camera.");
  }
}

function notAllowed(message) {
  if (window.self === window.top) {
    return new CheckError("CAMERA_NOT_ALLOWED", message);
  }
  const remedy = 'This page is in a frame: give its <iframe> allow="camera", or open the page in a window of its own.';
  return new CheckError("CAMERA_NOT_ALLOWED", `${message} ${remedy}`, { messageText: "frameNotAllowedMessageText" });
}

// Checks that run, the streams of their cameras, and why the last one was refused.
let users = 0;
let streams = [];
let refusal;

// Counts a check. Returns a function that ends its use of the camera.
export function useCamera() {
  users += 1;
  return () => {
    users -= 1;
    if (users === 0) {
      streams.forEach(stop);
      streams = [];
    }
  };
}

const stop = (stream) => stream.getTracks().forEach((track) => track.stop());

// The component's getUserMedia(). A component that has been canceled asks for the camera again, and one that is removed while
// the person is asked for permission does not turn it off.
export async function openCamera(constraints) {
  const never = new Promise(() => {});
  if (users === 0) {
    return never;
  }
  refusal = undefined;
  let stream;
  try {
    stream = await globalThis.navigator.mediaDevices.getUserMedia(constraints);
  } catch (error) {
    refusal = error;
    throw error;
  }
  if (users === 0) {
    stop(stream);
    return never;
  }
  streams.push(stream);
  return stream;
}

// The component hides the name of the browser's error.
export function cameraError(state, message) {
  switch (refusal?.name) {
    case "NotAllowedError":
      return notAllowed(`The person or the browser does not allow the camera: ${message}.`);
    case "NotFoundError":
      return new CheckError("NO_CAMERA", `There is no camera: ${message}.`);
    default:
      return new CheckError(state, message);
  }
}
