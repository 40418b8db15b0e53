// What the component uses as a WebSocket. Each belongs to a running check, which sees all that passes.

const checks = new Map();

// Lets the sockets for this session belong to a check. Returns a function that ends this.
export function registerCheck(sessionId, check) {
  checks.set(sessionId, check);
  return () => checks.get(sessionId) === check && checks.delete(sessionId);
}

export class CheckSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;

  constructor(url) {
    this.url = url;
    this.readyState = CheckSocket.CONNECTING;
    // None if the check has ended while the component was about to connect.
    this.check = checks.get(new URL(url).searchParams.get("session-id"));
    this.transport = this.check?.connect(this, {
      open: () => {
        if (this.readyState === CheckSocket.CONNECTING) {
          this.readyState = CheckSocket.OPEN;
          this.onopen?.({ type: "open" });
        }
      },
      message: (bytes) => {
        this.check.received(bytes);
        this.onmessage?.({ type: "message", data: bytes });
      },
      close: (code, error) => {
        this.readyState = CheckSocket.CLOSED;
        this.check.closed(code, error);
        this.onclose?.({ type: "close", code, reason: "" });
      },
      fail: (message) => {
        this.readyState = CheckSocket.CLOSED;
        this.check.lost(message);
        this.onclose?.({ type: "close", code: 1006, reason: "" });
      },
    });
  }

  send(bytes) {
    if (this.readyState === CheckSocket.OPEN) {
      this.check.sent(bytes);
      this.transport.send(bytes);
    }
  }

  close(code = 1000) {
    this.end("close", code);
  }

  // Closes while the person leaves the page.
  leave(code) {
    this.end("leave", code);
  }

  end(how, code) {
    if (this.readyState < CheckSocket.CLOSING) {
      this.readyState = CheckSocket.CLOSING;
      this.transport?.[how](code);
    }
  }
}
