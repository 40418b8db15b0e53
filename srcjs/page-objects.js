// What the bundle sees in place of objects of the page (esbuild's `inject`). Those of the page stay as they are.
export { CheckSocket as WebSocket } from "./check-socket.js";
export { openCamera as "navigator.mediaDevices.getUserMedia" } from "./camera.js";

// Without WebAssembly, the component finds faces with JavaScript alone: the page needs no 'wasm-unsafe-eval' in its content
// security policy, and the package contains no binary code.
const none = undefined;
export { none as WebAssembly, none as "window.WebAssembly" };
