#!/usr/bin/env bash
# Puts Apache Kafka's jars (deploy/kafka/pom.xml) into the cache and checks them against deploy/kafka/jars.sha256. Prints the
# folder. Cached; offline afterwards.
set -euo pipefail
kafka=$(cd "$(dirname "$0")/../kafka" && pwd)
cache=${STEWARD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/steward}
list=$kafka/jars.sha256
sum=$(sha256sum "$list" | cut -c1-12)
jars=$cache/kafka-3.9.2-$sum
if [[ ! -d $jars ]]; then
  echo "steward: fetching Apache Kafka 3.9.2 (105 jars, 56 MB) into $cache" >&2
  mkdir -p "$cache"
  fresh=$(mktemp -d "$cache/kafka.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  mvn --quiet --batch-mode --file "$kafka/pom.xml" dependency:copy-dependencies \
    -DoutputDirectory="$fresh" -DincludeScope=runtime >&2
  (cd "$fresh" && sha256sum --quiet --strict --check "$list") >&2
  chmod 755 "$fresh"
  mv -T "$fresh" "$jars"
  trap - EXIT
fi
echo "$jars"
