// The AWS SDK connects with `wss:`, whatever the endpoint says. This lets a page connect to an emulator on this machine
// (10.0.2.2 is this machine, seen from Android's emulator). Import it before the component, in development only.
const loopback = /^wss:(?=\/\/(localhost|127\.0\.0\.1|\[::1\]|10\.0\.2\.2)[:/])/;
window.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    super(String(url).replace(loopback, "ws:"), protocols);
  }
};
