// The page around the checks of test-page.R: what it was before the bundle is loaded cannot be seen here, so the tests compare
// with a frame that has no bundle.
const violations = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  violations.push(`${violatedDirective}: ${blockedURI}`),
);

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
