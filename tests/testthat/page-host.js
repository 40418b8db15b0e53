// A page with checks, which watches what they do to it.

const violations = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  violations.push(`${violatedDirective}: ${blockedURI}`),
);

const before = { names: Object.keys(window), WebSocket, WebAssembly, fetch };

// What has changed: objects of the page, and names in addition to those of this script.
function changes() {
  const changed = ["WebSocket", "WebAssembly", "fetch"].filter((name) => window[name] !== before[name]);
  const added = Object.keys(window).filter((name) => !before.names.includes(name));
  return [...changed, ...added];
}

// The cameras that were opened. A person may take a while to allow that.
const cameras = [];
let permission;
if (navigator.mediaDevices) {
  const { getUserMedia } = navigator.mediaDevices;
  navigator.mediaDevices.getUserMedia = async function (constraints) {
    await permission;
    const camera = await getUserMedia.call(this, constraints);
    cameras.push(camera);
    return camera;
  };
}
const camerasOn = () => cameras.filter((camera) => camera.active).length;

// What has become of the check in each element.
const checks = {};
const promises = {};

function startCheck(id, options) {
  const check = { states: [] };
  const onState = (state) => check.states.push(state);
  const promise = rekognitionLiveness.start(document.getElementById(id), { ...options, onState });
  promise.then(
    (value) => (check.end = { value }),
    ({ state, message, reason }) => (check.end = { state, message, reason }),
  );
  checks[id] = check;
  promises[id] = promise;
}
