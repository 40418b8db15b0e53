const button = document.getElementById("start");
const verdict = document.getElementById("verdict");
const say = (words, kind = "") => { verdict.textContent = words; verdict.className = kind; };
const words = { pass: "You passed the check.", fail: "The check was not passed. You can try again." };
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// REPLACE this by the camera: give the id to FaceLivenessDetector of AWS Amplify as its sessionId, and return
// when it calls onAnalysisComplete. On the emulator there is no camera: a check ends by itself.
async function showCamera(sessionId) {}

// The service deletes a session after three minutes.
async function ask(sessionId) {
  const until = Date.now() + 180e3;
  while (Date.now() < until) {
    const answer = await fetch("/sessions/" + encodeURIComponent(sessionId));
    if (answer.ok) {
      const found = (await answer.json()).verdict;
      if (found !== "pending") return found;
    } else if (answer.status !== 503) {
      return "fail";
    }
    await wait(1000);
  }
  return "fail";
}

button.addEventListener("click", async () => {
  button.disabled = true;
  say("Look into the camera …");
  try {
    // The header tells the back end that this page sends the request: a form on another site cannot set it.
    const answer = await fetch("/sessions", { method: "POST", headers: { "X-Requested-With": "fetch" } });
    const body = await answer.json();
    if (answer.ok) {
      await showCamera(body.SessionId);
      const found = await ask(body.SessionId);
      say(words[found], found);
    } else {
      say(body.error);
    }
  } catch {
    say("The check is not available at the moment.");
  }
  button.disabled = false;
});
