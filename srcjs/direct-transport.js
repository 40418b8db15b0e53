// Carries the frames of a check to the service, over a WebSocket of the page.

// The AWS SDK connects with `wss:`, whatever the endpoint. An emulator on this machine has no TLS.
const loopback = /^wss:(?=\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])/;

export function openDirect({ ticket }, socketUrl, on) {
  const isPlain = String(ticket.endpoint).startsWith("http:");
  const socket = new globalThis.WebSocket(isPlain ? socketUrl.replace(loopback, "ws:") : socketUrl);
  socket.binaryType = "arraybuffer";
  socket.onopen = on.open;
  socket.onmessage = (event) => on.message(new Uint8Array(event.data));
  socket.onclose = (event) => on.close(event.code);
  return {
    send: (frame) => socket.send(frame),
    close: (code) => socket.close(code),
    leave: (code) => socket.close(code),
  };
}
