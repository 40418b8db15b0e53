#!/bin/sh
# For each chroot of dev/chroot.sh: installs the source package of `make dist` without a network, checks it as CRAN does,
# and runs all tests, with the R and the Rust of that system. `make check-all` calls it; a chroot takes a quarter of an
# hour.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .build/check-all

[ $# -gt 0 ] || set -- noble trixie sid
for suite in "$@"; do
  root=$(sh dev/chroot.sh "$suite")
  rm -rf "$root/rekognition"
  mkdir -p "$root/rekognition/.build/dist"
  git ls-files --cached --others --exclude-standard -z | xargs -0 cp --parents -t "$root/rekognition"
  cp .build/dist/rekognition_*.tar.gz "$root/rekognition/.build/dist/"
  log=.build/check-all/$suite.log
  # R wants /proc, and browsers /dev/shm.
  if unshare --mount --pid --fork --propagation private sh -c "mount -t proc proc '$root/proc' &&
    mount --rbind /dev '$root/dev' && exec chroot '$root' env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LANG=C.UTF-8 TERM=dumb sh /rekognition/dev/check-here.sh" >"$log" 2>&1; then
    result=passed
  else
    result=failed
  fi
  sed -n '/^R version/p; /^Using /p; /^Status:/p; /^\* .*NOTE$/p; /passed, .* failed/p' "$log" | sort -u | sed "s/^/$suite: /"
  echo "$suite: $result ($log)"
  [ $result = passed ] || failed=1
done
exit "${failed:-0}"
