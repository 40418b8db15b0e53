// Writes MediaPipe's face detector as model.json and model.bin, the form that AWS's component loads:
//   node face-model.mjs face_detection_short_range.tflite FOLDER
//
// npm has this model for TensorFlow Lite, in a dependency of the component, and for TensorFlow.js only in a package of
// 140 MB. Each operation of the one becomes an operation of the other.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [input, folder] = process.argv.slice(2);
const file = readFileSync(input);

// The file is a FlatBuffer: tables of numbered fields. Field numbers, codes of operations and types are those of TensorFlow
// Lite's schema.
const vector = (at) => {
  const start = at + file.readUInt32LE(at);
  return { start: start + 4, length: file.readUInt32LE(start) };
};
const bytes = (at, size = 1) => {
  const { start, length } = vector(at);
  return file.subarray(start, start + size * length);
};
const read = {
  byte: (at) => file.readInt8(at),
  int: (at) => file.readInt32LE(at),
  text: (at) => bytes(at).toString(),
  table: (at) => new Table(at + file.readUInt32LE(at)),
};
class Table {
  constructor(at) {
    this.at = at;
    this.fields = at - file.readInt32LE(at);
  }
  // Where the field is; `undefined` if it is left out.
  find(field) {
    const entry = 4 + 2 * field;
    const offset = entry < file.readUInt16LE(this.fields) ? file.readUInt16LE(this.fields + entry) : 0;
    return offset ? this.at + offset : undefined;
  }
  get(type, field) {
    const at = this.find(field);
    return at === undefined ? 0 : read[type](at);
  }
  all(type, field) {
    const { start, length } = vector(this.find(field));
    return Array.from({ length }, (_, i) => read[type](start + 4 * i));
  }
}

const model = new Table(file.readUInt32LE(0));
const codes = model.all("table", 1).map((code) => Math.max(code.get("byte", 0), code.get("int", 3)));
const buffers = model.all("table", 4);
const [graph] = model.all("table", 2);
const tensors = graph.all("table", 0).map((tensor) => {
  const at = buffers[tensor.get("int", 2)].find(0);
  return {
    name: tensor.get("text", 3),
    shape: tensor.all("int", 0),
    type: ["float32", "float16", "int32"][tensor.get("byte", 1)],
    data: at && bytes(at),
  };
});

const nodes = [];
const weights = [];
const contents = [];
const base64 = (text) => Buffer.from(text).toString("base64");
const dimensions = (shape) => shape.map((size) => ({ size: String(size) }));
const integers = (...values) => ({ list: { i: values.map(String) } });
const add = (name, op, inputs, attr = {}) => nodes.push({ name, op, input: inputs, attr });
const addConstant = ({ name, shape, type, data: content }) => {
  const dtype = type === "int32" ? "DT_INT32" : "DT_FLOAT";
  const tensor = { dtype, tensorShape: { dim: dimensions(shape) } };
  add(name, "Const", [], { dtype: { type: dtype }, value: { tensor } });
  weights.push(
    type === "float16"
      ? { name, shape, dtype: "float32", quantization: { dtype: type, original_dtype: "float32" } }
      : { name, shape, dtype: type },
  );
  contents.push(content);
  return name;
};
const addIntegers = (name, shape, values) =>
  addConstant({ name, shape, type: "int32", data: Buffer.from(Int32Array.from(values).buffer) });

// Weights are 16-bit floats, which an operation of their own converts there, and TensorFlow.js while it loads them.
const sources = new Map();
const source = (index) => tensors[sources.get(index) ?? index];
const added = new Set();
// The name of an input, which is added first if it is a constant.
const use = (index) => {
  const tensor = source(index);
  if (tensor.data && !added.has(tensor.name)) {
    added.add(addConstant(tensor));
  }
  return tensor.name;
};

const concatenate = (name, inputs, axis) => {
  const names = inputs.map(use);
  add(name, "ConcatV2", [...names, addIntegers(`${name}/axis`, [], [axis])], { N: { i: String(names.length) } });
};
const padding = (options) => ({ s: base64(options.get("byte", 0) === 0 ? "SAME" : "VALID") });
const strides = (options) => integers(1, options.get("int", 2), options.get("int", 1), 1);
// A filter is [out, height, width, in] there and [height, width, in, out] here; one for each channel has no `out`.
const outputLast = ({ shape: [out, ...rest], data: content }) => {
  const turned = Buffer.alloc(content.length);
  const size = content.length / 2 / out;
  for (let from = 0; from < size * out; from++) {
    const to = (from % size) * out + Math.floor(from / size);
    turned.writeUInt16LE(content.readUInt16LE(2 * from), 2 * to);
  }
  return { shape: [...rest, out], data: turned };
};
const channelwise = ({ shape: [, ...rest], data: content }) => ({ shape: [...rest, 1], data: content });
const convolve = (op, turn, activation) => (name, [image, filter, bias], options) => {
  const weight = addConstant({ name: `${name}/filter`, type: "float16", ...turn(source(filter)) });
  const relu = options.get("byte", activation) === 1 ? ["Relu"] : [];
  add(name, op, [use(image), weight, use(bias)], {
    strides: strides(options),
    dilations: integers(1, 1, 1, 1),
    padding: padding(options),
    data_format: { s: base64("NHWC") },
    num_args: { i: "1" },
    fused_ops: { list: { s: ["BiasAdd", ...relu].map(base64) } },
  });
};
const simple = (op) => (name, inputs) => add(name, op, inputs.map(use));
const operations = {
  0: simple("AddV2"),
  2: (name, inputs, options) => concatenate(name, inputs, options.get("int", 0)),
  3: convolve("_FusedConv2D", outputLast, 3),
  4: convolve("FusedDepthwiseConv2dNative", channelwise, 4),
  17: (name, inputs, options) =>
    add(name, "MaxPool", inputs.map(use), {
      ksize: integers(1, options.get("int", 4), options.get("int", 3), 1),
      strides: strides(options),
      padding: padding(options),
    }),
  19: simple("Relu"),
  22: (name, [image], _, shape) =>
    add(name, "Reshape", [use(image), addIntegers(`${name}/shape`, [shape.length], shape)]),
  34: simple("Pad"),
};
const dequantize = 6;

const image = tensors[graph.all("int", 1)[0]];
add(image.name, "Placeholder", [], { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim: dimensions(image.shape) } } });
for (const operator of graph.all("table", 3)) {
  const code = codes[operator.get("int", 0)];
  const inputs = operator.all("int", 1);
  const [output] = operator.all("int", 2);
  if (code === dequantize) {
    sources.set(output, inputs[0]);
  } else if (operations[code]) {
    operations[code](tensors[output].name, inputs, operator.get("table", 4), tensors[output].shape);
  } else {
    throw new Error(`unknown operation: ${code}`);
  }
}
// One output, [1, 896, 17], with the name that the component asks for: the score of each anchor, then its box.
const [boxes, scores] = graph.all("int", 2);
concatenate("Identity", [scores, boxes], 2);

writeFileSync(
  join(folder, "model.json"),
  JSON.stringify({
    format: "graph-model",
    modelTopology: { node: nodes, library: {}, versions: {} },
    weightsManifest: [{ paths: ["model.bin"], weights }],
  }),
);
writeFileSync(join(folder, "model.bin"), Buffer.concat(contents));
