#!/usr/bin/env bash
# buf on the protos of this tree: `tools/buf.sh lint`, `breaking`, `baseline` (writes proto/baseline.json). Google's protos come from
# the build's pinned wheel, in a workspace made for the call, so that proto/ holds our own files only.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cache=${STEWARD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/steward}
version=1.75.0
case $(uname -m) in
  x86_64) package=buf-linux-x64 sum=fad1e38d6909bbb583a4da81d8c02a01046e2cd663bde7e337dd24277393764b ;;
  aarch64) package=buf-linux-aarch64 sum=00eb190aa82df17f393e05b04889cc60a0b13b3259d336e21a87d5f23ab4fd26 ;;
  *) echo "buf: no package for $(uname -m)" >&2; exit 1 ;;
esac
buf=$cache/$package-$version/buf
if [[ ! -x $buf ]]; then
  echo "steward: fetching buf $version into $cache" >&2
  mkdir -p "$(dirname "$buf")"
  fresh=$(mktemp -d)
  trap 'rm -rf "$fresh"' EXIT
  (cd "$fresh" && npm pack --silent "@bufbuild/$package@$version" >/dev/null && tar -xzf ./*.tgz)
  echo "$sum  $fresh/package/bin/buf" | sha256sum --quiet --strict --check
  mv "$fresh/package/bin/buf" "$buf"
fi
"$root/deploy/local/fetch-protos.sh" "$cache/googleapis-1.76.0" >&2

work=$(mktemp -d)
trap 'rm -rf "$work" "${fresh:-$work}"' EXIT
mkdir "$work/google"
cp -r "$root/proto" "$work/proto"
cp -r "$cache/googleapis-1.76.0/google" "$work/google/google"
sed 's|^  - path: \.$|  - path: proto\n  - path: google\n    lint: {ignore: [google]}|' "$root/proto/buf.yaml" >"$work/buf.yaml"
rm "$work/proto/buf.yaml"
cd "$work"
case ${1:-lint} in
  lint) "$buf" lint proto ;;
  breaking) "$buf" breaking proto --against "$root/proto/baseline.json" ;;
  baseline) "$buf" build proto --as-file-descriptor-set --exclude-source-info -o -#format=json |
    python3 -m json.tool --indent 1 >"$root/proto/baseline.json" ;;
  *) echo "usage: tools/buf.sh lint|breaking|baseline" >&2; exit 2 ;;
esac
