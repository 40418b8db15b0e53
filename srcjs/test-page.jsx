// The page that tests/testthat/test-stream-browser.R opens: AWS's component as published, and what it reports.
import "./loopback.js";
import { createRoot } from "react-dom/client";
import { FaceLivenessDetectorCore } from "@aws-amplify/ui-react-liveness";
import "@aws-amplify/ui-react/styles.css";

const here = new URL(".", document.baseURI).href;

// Each call of the component's callbacks, and the codes with which it closed its connection.
window.calls = [];
window.closeCodes = [];
const called = (callback, details) => window.calls.push({ callback, ...details });
const { close } = WebSocket.prototype;
WebSocket.prototype.close = function (code, reason) {
  window.closeCodes.push(code);
  close.call(this, code, reason);
};

window.startCheck = ({ sessionId, region, endpoint, credentials }) =>
  createRoot(document.getElementById("check")).render(
    <FaceLivenessDetectorCore
      sessionId={sessionId}
      region={region}
      onAnalysisComplete={async () => called("onAnalysisComplete")}
      onUserCancel={() => called("onUserCancel")}
      onError={({ state, error }) => called("onError", { state, name: error.name, message: error.message })}
      config={{
        credentialProvider: async () => credentials,
        endpointOverride: endpoint,
        binaryPath: here,
        faceModelUrl: `${here}model.json`,
      }}
    />,
  );
