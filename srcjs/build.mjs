// Bundles the page's half of a check in FOLDER, and in TEST_FOLDER AWS's component as npm has it, for the tests:
//   node build.mjs NODE_MODULES FOLDER TEST_FOLDER [--write]
// `dev/page.sh` does, and adds the other files.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundledPackages, checkPackages, writeLicenses } from "./licenses.mjs";

const [modules, folder, testFolder] = process.argv.slice(2, 5).map((path) => resolve(path));
const write = process.argv.includes("--write");
process.chdir(dirname(fileURLToPath(import.meta.url)));
const { build } = createRequire(join(modules, "build.js"))("esbuild");

const options = {
  bundle: true,
  nodePaths: [modules],
  jsx: "automatic",
  target: "es2020",
  define: { global: "globalThis", "process.env.NODE_ENV": '"production"' },
  alias: { "aws-amplify/auth": "./aws-amplify-auth.cjs" },
  // What else refers to aws-amplify is not part of the bundle.
  external: ["aws-amplify", "aws-amplify/storage", "aws-amplify/utils"],
  logLevel: "warning",
  metafile: true,
};

const { metafile } = await build({
  ...options,
  entryPoints: ["liveness.jsx"],
  outdir: folder,
  inject: ["page-objects.js"],
  alias: { ...options.alias, "@tensorflow/tfjs-backend-wasm": "./no-wasm.js" },
  banner: { js: "// Built from srcjs/ of the R package rekognition. licenses.txt lists the packages in it.\n" },
});
// Comments name the file of each part: not by a path of this machine.
const machinePath = relative(process.cwd(), modules);
for (const name of ["liveness.js", "liveness.css"]) {
  const file = join(folder, name);
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(machinePath, "node_modules"));
}
// The face model is from there.
const packages = bundledPackages(metafile, [join(modules, "@mediapipe/face_detection")]);
checkPackages(packages, "bundled.json", write);
writeLicenses(packages, join(folder, "licenses.txt"));

await build({ ...options, entryPoints: ["test-page.jsx"], outdir: testFolder });
