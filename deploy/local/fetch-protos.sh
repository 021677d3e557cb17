#!/usr/bin/env bash
# Unpacks Google's common protos from the pinned wheel into DIR (default build/googleapis). Cached; offline afterwards.
set -euo pipefail
dir=${1:-build/googleapis}
[ -f "$dir/google/api/field_behavior.proto" ] && exit 0
cache=${STEWARD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/steward}
mkdir -p "$cache" "$dir"
wheel=$cache/googleapis_common_protos-1.76.0-py3-none-any.whl
if [ ! -f "$wheel" ]; then
  requirements=$(mktemp)
  echo 'googleapis-common-protos==1.76.0 --hash=sha256:59e13344a9f3651aa201a03e2bee815a3bf43a4baf1f9ff8a9b62a840ce25fac' >"$requirements"
  python3 -m pip download --quiet --no-deps --require-hashes --dest "$cache" -r "$requirements"
  rm -f "$requirements"
fi
python3 -m zipfile -e "$wheel" "$dir"
