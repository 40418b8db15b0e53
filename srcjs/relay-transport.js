// Carries the frames of a check to the relay in R and back: POST requests to one URL, one at a time. Each has a number, and its
// response brings what has come from the service meanwhile.

const POLL_EVERY = 250;
const RETRY_FOR = 10000;
// Reverse proxies often refuse bodies of more than 1 MB.
const MAX_BYTES = 500000;

class RelayError extends Error {}

// `on` has functions for what happens: open(), message(bytes), close(code, error), fail(message).
export function openRelay({ url, headers, ticket }, socketUrl, on) {
  let sequence = 0;
  let frames = [];
  let closeCode;
  let hasLeft = false;
  let wake = () => {};

  const pause = (milliseconds) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const request = (fields, sent = []) => {
    sequence += 1;
    const line = JSON.stringify({ ticket: ticket.credentials.accessKeyId, sequence, ...fields });
    return new Blob([line, "\n", ...sent]);
  };

  const takeFrames = () => {
    let [count, size] = [0, 0];
    while (count < frames.length && (count === 0 || size + frames[count].length <= MAX_BYTES)) {
      size += frames[count].length;
      count += 1;
    }
    return frames.splice(0, count);
  };

  const fetchOptions = (body) => ({
    method: "POST",
    headers: { "Content-Type": "application/octet-stream", ...headers },
    body,
  });

  // The same request again after a lost response does no harm: the relay knows it by its number.
  const post = async (body) => {
    let failingSince;
    for (let wait = 250; ; wait = Math.min(2 * wait, 2000)) {
      let problem;
      try {
        const response = await fetch(url, fetchOptions(body));
        const text = await response.text();
        if (response.ok) {
          return parse(text);
        }
        problem = `HTTP status ${response.status}`;
        if (response.status < 500 && response.status !== 429) {
          throw new RelayError(problem);
        }
      } catch (error) {
        if (error instanceof RelayError) {
          throw error;
        }
        problem ??= error.message;
      }
      failingSince ??= Date.now();
      if (closeCode !== undefined || Date.now() - failingSince > RETRY_FOR) {
        throw new RelayError(problem);
      }
      await pause(wait);
    }
  };

  const run = async () => {
    let fields = { open: new URL(socketUrl).search };
    while (!hasLeft) {
      const isLast = closeCode !== undefined;
      const response = await post(request(isLast ? { ...fields, close: closeCode } : fields, takeFrames()));
      fields = {};
      response.frames.forEach((frame) => on.message(Uint8Array.from(atob(frame), (byte) => byte.charCodeAt(0))));
      if (response.state === "closed") {
        on.close(response.code ?? 1006, response.error);
        return;
      }
      if (isLast) {
        on.close(closeCode);
        return;
      }
      if (frames.length === 0 && closeCode === undefined) {
        await pause(POLL_EVERY);
      }
    }
  };

  // Open at once, or the component gives up after 10 seconds if R is busy. The component sets its functions after this one.
  setTimeout(on.open);
  run().catch((error) => on.fail(`The relay cannot be used: ${error.message}.`));

  return {
    send(frame) {
      frames.push(frame);
      wake();
    },
    close(code) {
      frames = [];
      closeCode ??= code;
      wake();
    },
    // The page is about to go: the browser sends this request afterwards.
    leave(code) {
      hasLeft = true;
      closeCode = code;
      fetch(url, { ...fetchOptions(request({ close: code })), keepalive: true }).catch(() => {});
    },
  };
}

function parse(text) {
  let response;
  try {
    response = JSON.parse(text);
  } catch {
    throw new RelayError("the response is not JSON");
  }
  if (!["connecting", "open", "closed"].includes(response?.state)) {
    throw new RelayError("the response has no state");
  }
  return { ...response, frames: response.frames ?? [] };
}
