#!/bin/sh
# Builds the page in .build/page that the tests open in a browser, with AWS's component for Face Liveness: `make page`. npm
# fetches the component once, into the cache folder.
set -eu
cd "$(dirname "$0")/.."

npm=${XDG_CACHE_HOME:-$HOME/.cache}/rekognition/npm
modules=$npm/node_modules
if ! cmp -s srcjs/package-lock.json "$npm/installed"; then
  mkdir -p "$npm"
  rm -f "$npm/installed"
  cp srcjs/package.json srcjs/package-lock.json srcjs/.npmrc "$npm"
  echo "npm installs the packages of srcjs/package-lock.json in $npm"
  (cd "$npm" && npm ci --loglevel=error)
  cp srcjs/package-lock.json "$npm/installed"
fi

page=.build/page
rm -rf "$page"
mkdir -p "$page"
# What else refers to aws-amplify is not part of the bundle.
NODE_PATH="$modules" "$modules/.bin/esbuild" srcjs/test-page.jsx --bundle --outdir="$page" --log-level=warning \
  --alias:aws-amplify/auth=./srcjs/aws-amplify-auth.cjs --external:aws-amplify --external:aws-amplify/storage \
  --external:aws-amplify/utils --jsx=automatic --target=es2020 --define:global=globalThis \
  --define:process.env.NODE_ENV='"production"'
node srcjs/face-model.mjs "$modules/@mediapipe/face_detection/face_detection_short_range.tflite" "$page"
cp srcjs/test-page.html "$modules"/@tensorflow/tfjs-backend-wasm/dist/*.wasm "$page"
