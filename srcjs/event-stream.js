// Messages of event streams. The component signs each of its messages, inside another; the service does neither.

const text = new TextDecoder();
const [BYTES, STRING, TIMESTAMP] = [6, 7, 8];

// The type of a message, such as "VideoEvent" or "ThrottlingException", whether it is an exception, and its content.
export function readMessage(bytes) {
  const { headers, body } = parse(bytes);
  if (":chunk-signature" in headers) {
    return readMessage(body);
  }
  const exception = headers[":exception-type"];
  return {
    type: exception ?? headers[":event-type"],
    isException: exception !== undefined || headers[":message-type"] === "error",
    content: () => JSON.parse(text.decode(body)),
    size: body.length,
  };
}

// A message has 4 bytes each of its length, of that of its headers, and of a checksum; then headers, body, and a checksum.
function parse(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 12 + view.getUint32(4);
  const headers = {};
  let at = 12;
  while (at < end) {
    const name = text.decode(bytes.subarray(at + 1, at + 1 + bytes[at]));
    at += 1 + bytes[at];
    const type = bytes[at++];
    if (type === TIMESTAMP) {
      headers[name] = undefined;
      at += 8;
    } else if (type === STRING || type === BYTES) {
      const length = view.getUint16(at);
      headers[name] = text.decode(bytes.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    } else {
      throw new Error(`unknown type of a header: ${type}`);
    }
  }
  return { headers, body: bytes.subarray(end, view.getUint32(0) - 4) };
}
