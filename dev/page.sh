#!/bin/sh
# Builds the page's half of a check in inst/www/liveness, and in .build/page the page with AWS's component that the tests open:
# `make page`. It does nothing where both are up to date. npm fetches the packages once, into the cache folder.
#   sh dev/page.sh [--write]  with --write, it also writes srcjs/bundled.json, the list of packages in the bundle
set -eu
cd "$(dirname "$0")/.."

state=$(cat dev/page.sh LICENSE srcjs/.npmrc srcjs/* | cksum)
product=inst/www/liveness
page=.build/page
if [ "${1:-}" != --write ] && [ -f "$product/liveness.js" ] && [ -f "$page/test-page.js" ] &&
  [ "$(cat "$page/state" 2>/dev/null)" = "$state" ]; then
  exit
fi

npm=${XDG_CACHE_HOME:-$HOME/.cache}/rekognition/npm
modules=$npm/node_modules
if ! cmp -s srcjs/package-lock.json "$npm/installed"; then
  mkdir -p "$npm"
  rm -f "$npm/installed"
  cp srcjs/package.json srcjs/package-lock.json srcjs/.npmrc "$npm"
  echo "npm installs the packages of srcjs/package-lock.json in $npm"
  (cd "$npm" && npm ci --ignore-scripts --loglevel=error)
  cp srcjs/package-lock.json "$npm/installed"
fi

rm -rf "$product" "$page"
mkdir -p "$product" "$page"
node srcjs/build.mjs "$modules" "$product" "$page" "$@"
for folder in "$product" "$page"; do
  node srcjs/face-model.mjs "$modules/@mediapipe/face_detection/face_detection_short_range.tflite" "$folder"
done
cp srcjs/shiny.js srcjs/shiny.css "$product"
cp srcjs/test-page.html "$modules"/@tensorflow/tfjs-backend-wasm/dist/*.wasm "$page"
echo "$state" >"$page/state"
