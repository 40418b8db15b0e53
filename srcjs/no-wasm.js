// In place of @tensorflow/tfjs-backend-wasm, which needs WebAssembly.
export const version_wasm = "";
export const setWasmPaths = () => {};
