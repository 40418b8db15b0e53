// The npm packages in a bundle, and their licenses.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

// As for crates (.cargo/deny.toml), these need nothing but their text.
const allowed = ["0BSD", "Apache-2.0", "BSD-3-Clause", "ISC", "MIT"];

// The packages of which something is in the output of esbuild or comes from the folders `others`, sorted.
export function bundledPackages({ outputs }, others) {
  const files = Object.values(outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0),
  );
  // esbuild also names modules that are none, such as those that package.json disables in browsers.
  const folders = new Set(files.filter((file) => /^[^(].*node_modules/.test(file)).map(packageFolder));
  const packages = Array.from([...folders, ...others], (folder) => {
    const { name, version, license, author, repository } = read(folder);
    return {
      name,
      version,
      license,
      author: plainAuthor(author),
      repository: plainRepository(repository),
      folder,
    };
  });
  const key = ({ name, version }) => `${name} ${version}`;
  return packages.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const read = (folder) => JSON.parse(readFileSync(join(folder, "package.json")));

// Folders in a package can have a package.json that only sets the type of modules.
function packageFolder(file) {
  let folder = dirname(file);
  while (!existsSync(join(folder, "package.json")) || !read(folder).version) {
    folder = dirname(folder);
  }
  return folder;
}

// Without addresses.
function plainAuthor(author) {
  const text = typeof author === "object" ? author?.name : author;
  return text?.replace(/ *[<(].*| *[^ ]*@[^ ]*/g, "") || undefined;
}

function plainRepository(repository) {
  const url = typeof repository === "object" ? repository?.url : repository;
  if (!url) {
    return undefined;
  }
  const path = url.replace(/^git\+|\.git$/g, "").replace(/^(git|ssh):\/\/(git@)?/, "https://");
  return path.includes("://") ? path : `https://github.com/${path.replace(/^github:/, "")}`;
}

// Holds the list of packages to the file that `dev/lint.R` reads, or writes it.
export function checkPackages(packages, file, write) {
  for (const { name, version, license } of packages) {
    if (!allowed.includes(license)) {
      throw new Error(`${name} ${version} has the license ${license}: only ${allowed.join(", ")} are allowed`);
    }
  }
  const list = packages.map(({ folder, ...fields }) => fields);
  const text = `${JSON.stringify(list, null, 2)}\n`;
  if (write) {
    writeFileSync(file, text);
  } else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    throw new Error(`srcjs/${file} is out of date: run \`sh dev/page.sh --write\``);
  }
}

const heading = `liveness.js and liveness.css contain the npm packages below, and model.json and model.bin a model that finds faces.
Above each license is what it applies to.`;

// What is inside packages, all of it by Google and under the Apache License 2.0.
const within = [
  "@tensorflow-models/face-detection, in @aws-amplify/ui-react-liveness",
  "The face model: MediaPipe Face Detection, short range, from @mediapipe/face_detection",
];

// Writes the license of each package. Packages with the same text stand together.
export function writeLicenses(packages, file) {
  const apache = readFileSync("../LICENSE", "utf8");
  const texts = new Map();
  const add = (label, license, text) => {
    const key = text.replace(/\s+/g, " ").trim();
    const entry = texts.get(key) ?? { text: text.trim(), labels: [] };
    entry.labels.push(`${label} (${license})`);
    texts.set(key, entry);
  };
  for (const { name, version, license, folder } of packages) {
    const text = licenseText(folder) || (license === "Apache-2.0" && apache);
    if (!text) {
      throw new Error(`${name} ${version} contains no license`);
    }
    add(`${name} ${version}`, license, text);
  }
  within.forEach((label) => add(label, "Apache-2.0", apache));
  const line = "=".repeat(100);
  const parts = Array.from(texts.values(), ({ text, labels }) => `${line}\n${labels.join("\n")}\n${line}\n\n${text}\n`);
  writeFileSync(file, `${heading}\n\n${parts.join("\n")}`);
}

// The files of a package that contain its license, or else the end of its README.
function licenseText(folder) {
  const content = (file) => readFileSync(join(folder, file), "utf8").replace(/\r\n/g, "\n");
  const files = readdirSync(folder);
  const licenses = files.filter((file) => /^(licen[cs]e|notice|copyrightnotice)/i.test(file));
  const [readme] = files.filter((file) => /^readme/i.test(file));
  return licenses.map(content).join("\n") || (readme && content(readme).match(/^#* *licen[cs]e[^]*/im)?.[0]);
}
