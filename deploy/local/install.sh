#!/usr/bin/env bash
# Installs the Debian packages that are missing for PURPOSE... (build, run, test, tidy), and nothing else. Says what and why before it
# does. Never starts or creates a system-wide server. Does nothing, quickly, when all is there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
purposes=" ${*:-build run test} "

wanted=()
while read -r purpose package command; do
  [[ -z $purpose || $purpose == \#* || $purposes != *" $purpose "* ]] && continue
  if [[ -n $command ]] && command -v "$command" >/dev/null; then continue; fi
  wanted+=("$package")
done <"$here/packages.txt"

declare -A installed=()
while read -r package state; do
  [[ $state == ii* ]] && installed[${package%%:*}]=1
done < <(dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' "${wanted[@]}" 2>/dev/null || true)
missing=()
for package in "${wanted[@]}"; do
  [[ -n ${installed[$package]:-} ]] || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

echo "steward: installing ${#missing[@]} Debian packages (no system-wide server is started or created):"
echo "  ${missing[*]}"
root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || { echo "steward: not root and no sudo; install them by hand and run this again" >&2; exit 1; }
  root=(sudo)
fi

made=()  # what we put in place for the installation alone, and take away afterwards
cleanup() {
  for file in "${made[@]}"; do "${root[@]}" rm -f "$file"; done
}
trap cleanup EXIT
if [[ ! -e /usr/sbin/policy-rc.d ]]; then
  printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee /usr/sbin/policy-rc.d >/dev/null
  "${root[@]}" chmod 755 /usr/sbin/policy-rc.d
  made+=(/usr/sbin/policy-rc.d)
fi
if [[ " ${missing[*]} " == *" postgresql-15 "* && ! -e /etc/postgresql-common/createcluster.d/steward.conf ]]; then
  "${root[@]}" mkdir -p /etc/postgresql-common/createcluster.d
  echo 'create_main_cluster = false' | "${root[@]}" tee /etc/postgresql-common/createcluster.d/steward.conf >/dev/null
  made+=(/etc/postgresql-common/createcluster.d/steward.conf)
fi

apt() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@"; }
started=$SECONDS
apt update
apt install --yes --no-install-recommends "${missing[@]}" >/dev/null
if [[ " ${missing[*]} " == *" redis-server "* ]] && command -v systemctl >/dev/null; then
  "${root[@]}" systemctl --quiet disable redis-server 2>/dev/null || true  # nor at the next boot
fi
echo "steward: installed in $((SECONDS - started)) s"
