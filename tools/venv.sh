#!/usr/bin/env bash
# Makes the Python environment of the tests from tests/requirements.txt, once, in the cache, and prints its python. Offline
# afterwards.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cache=${STEWARD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/steward}
python=$(command -v /usr/bin/python3 || command -v python3)
sum=$( (cat "$root/tests/requirements.txt"; "$python" --version) | sha256sum | cut -c1-12)
venv=$cache/venv-$sum
if [[ ! -f $venv/.complete ]]; then
  echo "steward: making the tests' Python environment in $cache" >&2
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$root/tests/requirements.txt" >&2
  touch "$venv/.complete"
fi
echo "$venv/bin/python"
