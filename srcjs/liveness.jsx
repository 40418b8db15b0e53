// The page's half of a Face Liveness check: AWS's component, and what it needs around it. Defines
// `rekognitionLiveness.start(element, options)`.
import { Component } from "react";
import { createRoot } from "react-dom/client";
import { FaceLivenessDetectorCore } from "@aws-amplify/ui-react-liveness";
import { Check } from "./check.js";
import "./liveness.css";

// A script that is loaded as a module does not know its own element.
const isThis = ({ src }) => /\/liveness\.js([?#]|$)/.test(src);
const script = document.currentScript ?? Array.from(document.scripts).find(isThis);
const folder = new URL(".", script?.src ?? document.baseURI);

// The component wants to sign for a host. In relay mode, requests go to `url` instead.
const relayEndpoint = "https://relay.invalid";

// Without it, an error of the component would leave an empty page.
class Boundary extends Component {
  state = {};

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  componentDidCatch(error) {
    this.props.onError(error);
  }

  render() {
    return this.state.hasFailed ? null : this.props.children;
  }
}

function mount(check, view) {
  const { ticket, text, startScreen, assets, deviceId } = check.options;
  const { sessionId, region, credentials } = ticket;
  const { expiration } = credentials;
  const keys = { ...credentials, expiration: expiration ? new Date(expiration) : undefined };
  const endpoint = typeof ticket.endpoint === "string" ? ticket.endpoint : undefined;
  const config = {
    credentialProvider: async () => keys,
    endpointOverride: ticket.mode === "relay" ? relayEndpoint : endpoint,
    faceModelUrl: new URL("model.json", assets ? new URL(assets.replace(/\/*$/, "/"), document.baseURI) : folder).href,
    deviceId,
  };
  const root = createRoot(view);
  root.render(
    <Boundary onError={(error) => check.componentFailed("RUNTIME_ERROR", error)}>
      <FaceLivenessDetectorCore
        sessionId={sessionId}
        region={region}
        disableStartScreen={startScreen === false}
        displayText={text}
        config={config}
        onAnalysisComplete={async () => check.complete()}
        onUserCancel={() => check.cancel()}
        onError={({ state, error }) => check.componentFailed(state, error)}
      />
    </Boundary>,
  );
  return () => root.unmount();
}

const running = new WeakMap();

// Runs a check in an element. The promise is resolved when the service has the whole video; its result is R's to fetch.
function start(element, options) {
  running.get(element)?.cancel("Another check was started in the same element.");
  let check;
  const promise = new Promise((resolve, reject) => {
    check = new Check(element, options, { mount, resolve, reject });
  });
  if (element instanceof Element) {
    running.set(element, check);
  }
  promise.cancel = () => check.cancel();
  return promise;
}

window.rekognitionLiveness = { start };
