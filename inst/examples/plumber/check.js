const button = document.getElementById("start");
const camera = document.getElementById("camera");
const verdict = document.getElementById("verdict");
const show = (text, kind = "") => { verdict.textContent = text; verdict.className = kind; };
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The header proves to the back end that this page sends the request: a form on another site cannot set it.
const headers = { "X-Requested-With": "fetch" };
const unavailable = "The check is not available right now. Please try again.";
const messages = {
  pass: "You passed the check.",
  review: "Thank you. We will look at your check and get back to you.",
  fail: "You did not pass the check. You can try again.",
  unavailable,
};

// Its message is for the person.
class Refused extends Error {}

async function newSession() {
  const response = await fetch("/sessions", { method: "POST", headers });
  const body = await response.json();
  if (!response.ok) throw new Refused(body.error);
  return body;
}

// Each check needs a new session, and so does each retry.
async function check() {
  const { SessionId, ticket, relay } = await newSession();
  await rekognitionLiveness.start(camera, { ticket, url: relay, headers });
  return waitForVerdict(`/sessions/${encodeURIComponent(SessionId)}`);
}

// The camera does not know the verdict: the service does. It deletes a session after three minutes.
async function waitForVerdict(url) {
  const deadline = Date.now() + 180e3;
  while (Date.now() < deadline) {
    const result = await askForVerdict(url).catch(() => "pending");
    if (result !== "pending") return result;
    await wait(1000);
  }
  throw new Error("There was no verdict in time.");
}

// A network or a server that fails now may have the verdict in a moment.
async function askForVerdict(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(30e3) });
  // The session is that of another user, for example because the cookie is no longer valid.
  if (response.status === 404) return "unavailable";
  return response.ok ? (await response.json()).verdict : "pending";
}

button.addEventListener("click", async () => {
  button.hidden = true;
  camera.replaceChildren();
  show("Look into the camera…");
  try {
    const result = await check();
    camera.replaceChildren();
    show(messages[result], result);
  } catch (error) {
    // If the check has failed in the page, the element of the camera says why.
    show(error.state ? "You can try again." : error instanceof Refused ? error.message : unavailable);
    console.info("The check has ended:", error.state ?? error.name, error.message);
  }
  button.hidden = false;
});
