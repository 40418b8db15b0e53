// Keeps of a bill of materials what is in the bundle: node bill.mjs FROM TO
import { readFileSync, writeFileSync } from "node:fs";

const [from, to] = process.argv.slice(2);
const read = (file) => JSON.parse(readFileSync(file));
const bill = read(from);
const bundled = new Set(
  read(new URL("bundled.json", import.meta.url)).map(({ name, version }) => `${name} ${version}`),
);
bill.components = bill.components.filter(({ name, version }) => bundled.has(`${name} ${version}`));
if (bill.components.length !== bundled.size) {
  throw new Error("the bill of npm does not contain all packages of bundled.json");
}
// npm takes the name of the folder.
bill.metadata.component.name = read(new URL("package.json", import.meta.url)).name;
const kept = new Set([bill.metadata.component, ...bill.components].map((component) => component["bom-ref"]));
bill.dependencies = bill.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) }));
writeFileSync(to, `${JSON.stringify(bill, null, 2)}\n`);
