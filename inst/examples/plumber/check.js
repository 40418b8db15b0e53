const button = document.getElementById("start");
const camera = document.getElementById("camera");
const verdict = document.getElementById("verdict");
const show = (text, kind = "") => { verdict.textContent = text; verdict.className = kind; };
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The header shows the back end that this page sends the request: a form on another site cannot set it.
const headers = { "X-Requested-With": "fetch" };
const unavailable = "The check is not available right now. Please try again.";
const messages = {
  pass: "You passed the check.",
  fail: "You did not pass the check. You can try again.",
  // States of the check of `rekognitionLiveness.start()`. Others are failures that the person cannot help.
  CANCELLED: "The check was canceled. You can try again.",
  TIMEOUT: "Your face did not fill the oval in time. You can try again.",
  NO_FACE: "The camera did not see your face. You can try again.",
  NO_CAMERA: "This device has no camera.",
  CAMERA_NOT_ALLOWED: "This page may not use the camera. Allow it in the settings of your browser.",
};

async function newSession() {
  const response = await fetch("/sessions", { method: "POST", headers });
  const body = await response.json();
  if (!response.ok) throw new Error(body.error);
  return body;
}

// Each check needs a new session, and so does each new try.
async function check() {
  const { SessionId, ticket } = await newSession();
  const url = `/sessions/${encodeURIComponent(SessionId)}`;
  await rekognitionLiveness.start(camera, { ticket, url: `${url}/relay`, headers });
  return waitForVerdict(url);
}

// The camera does not know the verdict: the service has it. It deletes a session after three minutes.
async function waitForVerdict(url) {
  const deadline = Date.now() + 180e3;
  while (Date.now() < deadline) {
    const response = await fetch(url);
    if (response.ok) {
      const result = (await response.json()).verdict;
      if (result !== "pending") return result;
    } else if (response.status !== 503) {
      return "fail";
    }
    await wait(1000);
  }
  return "fail";
}

button.addEventListener("click", async () => {
  button.hidden = true;
  show("Look into the camera…");
  try {
    const result = await check();
    show(messages[result], result);
  } catch (error) {
    // For developers: the state of the check, and the reason that the service gave.
    console.info("The check has ended:", error.state ?? error.name, error.message);
    show(messages[error.state] ?? (error.state ? unavailable : error.message));
  }
  camera.replaceChildren();
  button.hidden = false;
});
