const button = document.getElementById("start");
const verdict = document.getElementById("verdict");
const show = (text, kind = "") => { verdict.textContent = text; verdict.className = kind; };
const messages = { pass: "You passed the check.", fail: "You did not pass the check. You can try again." };
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// REPLACE this with the camera: give the ID to FaceLivenessDetector of AWS Amplify as its sessionId, and return when it
// calls onAnalysisComplete. On the emulator there is no camera, and checks complete by themselves.
async function showCamera(sessionId) {}

// The service deletes a session after three minutes.
async function waitForVerdict(sessionId) {
  const deadline = Date.now() + 180e3;
  while (Date.now() < deadline) {
    const response = await fetch("/sessions/" + encodeURIComponent(sessionId));
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
  button.disabled = true;
  show("Look into the camera…");
  try {
    // The header shows the back end that this page sends the request: a form on another site cannot set it.
    const response = await fetch("/sessions", { method: "POST", headers: { "X-Requested-With": "fetch" } });
    const body = await response.json();
    if (response.ok) {
      await showCamera(body.SessionId);
      const result = await waitForVerdict(body.SessionId);
      show(messages[result], result);
    } else {
      show(body.error);
    }
  } catch {
    show("The check is not available right now. Please try again.");
  }
  button.disabled = false;
});
