// One check, from the camera to its end. It sees what the component sends and receives, limits how long the component waits
// where it has no limit itself, and ends exactly once.
import { cameraError, checkPage, useCamera } from "./camera.js";
import { CheckError } from "./check-error.js";
import { registerCheck } from "./check-socket.js";
import { openDirect } from "./direct-transport.js";
import { readMessage } from "./event-stream.js";
import { openRelay } from "./relay-transport.js";
import { endMessage } from "./texts.js";

// Seconds.
const defaultLimits = { sessionInformation: 30, face: 60, disconnection: 30 };

// What happens if a check stays in a state: the name of the limit, the state of the error, and its message.
const timeouts = {
  connecting: ["sessionInformation", "NO_SESSION_INFORMATION", "The service has not sent the session's information"],
  face: ["face", "NO_FACE", "The camera has not shown one face, far enough away"],
  verifying: ["disconnection", "NO_DISCONNECTION", "The service has not confirmed the end of the video"],
};

// With these codes, the component closes a WebSocket.
const closeCodes = { TIMEOUT: 4001, CANCELLED: 4003, RUNTIME_ERROR: 4005 };
const otherError = 4000;

export class Check {
  // `mount(check, view)` shows the component and returns a function that removes it. `resolve` and `reject` are those of the
  // promise.
  constructor(element, options, { mount, resolve, reject }) {
    this.options = options;
    this.settle = { resolve, reject };
    this.cleanups = [];
    this.view = document.createElement("div");
    this.view.className = "rekognition-liveness";
    // The component's colors are computed here, from ours.
    this.view.dataset.amplifyTheme = "rekognition";
    try {
      expect(element instanceof Element, "`element` must be an element of the page.");
      element.replaceChildren(this.view);
      checkOptions(options);
      checkPage();
      this.begin(mount);
    } catch (error) {
      this.fail(error instanceof CheckError ? error : new CheckError("RUNTIME_ERROR", error.message));
    }
  }

  begin(mount) {
    const { ticket, startScreen } = this.options;
    this.cleanups.push(useCamera(), registerCheck(ticket.sessionId, this));
    this.listen(window, "pagehide", () => this.leave());
    // Nothing else tells that the person has started the recording.
    this.listen(this.view, "click", (event) => {
      if (this.state === "start" && event.target.closest(".amplify-button--primary")) {
        this.enter("face");
      }
    });
    const watch = setInterval(() => {
      if (!this.view.isConnected) {
        this.cancel("The element was removed from the page.");
      }
    }, 1000);
    this.cleanups.push(() => clearInterval(watch));
    this.firstState = startScreen === false ? "face" : "start";
    this.enter("camera");
    this.unmount = mount(this, this.view);
  }

  listen(target, type, listener) {
    target.addEventListener(type, listener);
    this.cleanups.push(() => target.removeEventListener(type, listener));
  }

  enter(state) {
    if (this.hasEnded) {
      return;
    }
    this.state = state;
    clearTimeout(this.timer);
    if (state in timeouts) {
      const [limit, error, message] = timeouts[state];
      const seconds = this.options.limits?.[limit] ?? defaultLimits[limit];
      const after = `${message} within ${seconds} seconds.`;
      this.timer = setTimeout(() => this.fail(new CheckError(error, after)), 1000 * seconds);
    }
    const { onState } = this.options;
    if (onState) {
      // An error in it does not disturb the check.
      queueMicrotask(() => onState(state));
    }
  }

  // For the component's WebSocket.

  connect(socket, on) {
    this.socket = socket;
    this.enter("connecting");
    const open = this.options.ticket.mode === "relay" ? openRelay : openDirect;
    return open(this.options, socket.url, on);
  }

  sent(bytes) {
    if (this.state === "start" || this.state === "face") {
      this.enter("recording");
    }
    const message = readMessage(bytes);
    // The end of the video is a chunk without video.
    if (message.type === "VideoEvent" && message.size < 200 && message.content().VideoChunk === "") {
      this.enter("verifying");
    }
  }

  received(bytes) {
    const message = readMessage(bytes);
    if (message.isException) {
      const content = message.content();
      this.refused({ code: message.type, message: content.Message ?? content.message ?? "" });
    } else if (message.type === "ServerSessionInformationEvent" && this.state === "connecting") {
      this.opened = true;
      this.enter(this.firstState);
    } else if (message.type === "DisconnectionEvent") {
      this.disconnected = true;
    }
  }

  closed(code, error) {
    if (this.disconnected) {
      return;
    }
    if (error) {
      this.refused(error);
    } else if (code === 1006) {
      this.lost(this.opened ? "The connection was lost." : "The connection could not be opened.");
    } else {
      this.fail(new CheckError("SERVER_ERROR", `The service closed the connection (code ${code}).`));
    }
  }

  refused(reason) {
    this.fail(new CheckError("SERVER_ERROR", `${reason.code}: ${reason.message}`, { reason }));
  }

  lost(message) {
    this.fail(new CheckError("CONNECTION_FAILED", message));
  }

  // For the component's callbacks.

  complete() {
    this.end(undefined, 1000);
  }

  componentFailed(state, error) {
    const message = error?.message ?? state;
    this.fail(state === "CAMERA_ACCESS_ERROR" ? cameraError(state, message) : new CheckError(state, message));
  }

  // For everyone.

  cancel(message = "The check was canceled.") {
    this.fail(new CheckError("CANCELLED", message));
  }

  leave() {
    this.socket?.leave(closeCodes.CANCELLED);
    this.cancel("The person has left the page.");
  }

  fail(error) {
    this.end(error, closeCodes[error.state] ?? otherError);
  }

  end(error, closeCode) {
    if (this.hasEnded) {
      return;
    }
    this.hasEnded = true;
    clearTimeout(this.timer);
    this.socket?.close(closeCode);
    this.cleanups.forEach((cleanup) => cleanup());
    // React may be drawing.
    setTimeout(() => {
      this.unmount?.();
      this.view.replaceChildren(endMessage(error, this.options?.text));
      if (error) {
        this.settle.reject(error);
      } else {
        this.settle.resolve({ sessionId: this.options.ticket.sessionId });
      }
    });
  }
}

function expect(isValid, problem) {
  if (!isValid) {
    throw new CheckError("INVALID_OPTIONS", problem);
  }
}

function checkOptions(options) {
  const ticket = options?.ticket;
  expect(ticket && typeof ticket === "object", "`ticket` must be an object.");
  const shown = JSON.stringify(ticket.mode);
  expect(["relay", "direct"].includes(ticket.mode), `\`ticket.mode\` must be "relay" or "direct", not ${shown}.`);
  for (const [name, value] of [
    ["sessionId", ticket.sessionId],
    ["region", ticket.region],
    ["credentials.accessKeyId", ticket.credentials?.accessKeyId],
    ["credentials.secretAccessKey", ticket.credentials?.secretAccessKey],
  ]) {
    expect(typeof value === "string", `\`ticket.${name}\` must be a string.`);
  }
  expect(ticket.mode === "direct" || options.url, "`url` is missing: where to send the frames.");
}
