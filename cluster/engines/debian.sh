#!/usr/bin/env bash
# For a machine that only runs tests: installs the missing Debian packages of the tests. Without the rights to do so it does
# nothing, and the tests report what did not run.
set -euo pipefail

missing=()
for each in redis-server:redis-server rabbitmq-server:rabbitmq-server nginx:nginx-light chromium:chromium; do
  PATH="$PATH:/usr/sbin" command -v "${each%%:*}" >/dev/null || missing+=("${each##*:}")
done
[ "${#missing[@]}" -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  printf 'Not installed: %s.\n' "${missing[*]}"
  exit 0
fi

# Keeps packages from starting their servers: only the tests start servers.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
log="$(mktemp)"
if { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  printf 'Installed: %s.\n' "${missing[*]}"
else
  tail -5 "$log"
  printf 'Could not be installed: %s.\n' "${missing[*]}"
fi
rm -f "$log"
