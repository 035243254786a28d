#!/usr/bin/env bash
# Starts the whole platform on this machine. It works with bash 3.2 (macOS).
set -euo pipefail

root="$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)"
pinned="$root/node_modules/.bin/node"

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

usage() {
  cat <<'USAGE'
Usage: bash scripts/startup.sh [options]

Installs what is missing, then starts the gateway, every service and their database in one process.

  --port N     the gateway's port (EGO_PORT, 9080)
  --data DIR   the folder of all data (EGO_DATA, .data in the repository)
  --help       prints this text

Ctrl-C stops everything. Other settings are listed in .env.example.

  --cluster       starts the platform as containers and returns; requires Docker with Compose
  --profile NAME  with --cluster: adds kibana, kafka, nginx or observability; may be repeated
  --down          stops the containers and keeps their data
USAGE
}

absolute() {
  case "$1" in
    /*) printf '%s' "$1" ;;
    *) printf '%s/%s' "$PWD" "$1" ;;
  esac
}

take_port() {
  case "$1" in
    '' | *[!0-9]*) fail "--port takes a number from 1 to 65535, not '$1'." ;;
  esac
  if [ "${#1}" -gt 5 ] || [ "$((10#$1))" -lt 1 ] || [ "$((10#$1))" -gt 65535 ]; then
    fail "--port takes a number from 1 to 65535, not '$1'."
  fi
  export EGO_PORT="$((10#$1))"
}

take_data() {
  case "$1" in
    '' | -*) fail '--data takes the path of a folder.' ;;
  esac
  data="$1"
}

take_profile() {
  [ -n "$1" ] || fail '--profile takes a name: kibana, kafka, nginx or observability.'
  profiles+=("$1")
}

mode=embedded
data=
profiles=()

read_options() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --help | -h) usage; exit 0 ;;
      --cluster) [ "$mode" = down ] || mode=up; shift ;;
      --down) mode=down; shift ;;
      --profile=*) take_profile "${1#*=}"; shift ;;
      --profile) take_profile "${2-}"; shift $(($# > 1 ? 2 : 1)) ;;
      --port=*) take_port "${1#*=}"; shift ;;
      --data=*) take_data "${1#*=}"; shift ;;
      --port) take_port "${2-}"; shift $(($# > 1 ? 2 : 1)) ;;
      --data) take_data "${2-}"; shift $(($# > 1 ? 2 : 1)) ;;
      *) fail "There is no option '$1': bash scripts/startup.sh --help lists them." ;;
    esac
  done
}

# Refuses options that would be ignored.
check_options() {
  [ "$mode" = up ] || [ "${#profiles[@]}" -eq 0 ] || fail '--profile goes with --cluster.'
  [ "$mode" = embedded ] || [ -z "$data" ] ||
    fail '--data does not go with --cluster and --down: containers keep their data in Docker volumes.'
}

major_of() {
  local version
  version="$("$1" --version 2>/dev/null)" || return 1
  version="${version#v}"
  printf '%s' "${version%%.*}"
}

read_options "$@"
check_options
if [ "$mode" != embedded ]; then
  exec bash "$root/cluster/cluster.sh" "$mode" ${profiles[@]+"${profiles[@]}"}
fi
# A relative path is relative to the caller's folder, and the working directory changes below.
data="${data:-${EGO_DATA-}}"
if [ -n "$data" ]; then
  EGO_DATA="$(absolute "$data")"
  export EGO_DATA
fi

system="$(command -v node || true)"
[ -n "$system" ] || fail 'Node is missing: install Node 24 from https://nodejs.org, then run this again.'
system_major="$(major_of "$system")" || fail "$system does not run: install Node 24 from https://nodejs.org."
[ "$system_major" -ge 20 ] || fail "Node $system_major is too old: install Node 24 from https://nodejs.org."

"$system" "$root/scripts/install.mjs" || exit 1

if major_of "$pinned" >/dev/null; then
  node="$pinned"
elif [ "$system_major" -ge 24 ]; then
  node="$system"
else
  fail "There is no packaged Node for $(uname -sm): install Node 24 from https://nodejs.org."
fi

# With the compile cache, a later start is twice as fast.
export NODE_COMPILE_CACHE="$root/node_modules/.cache/compile"
cd -- "$root"
if [ -f .env ]; then
  exec "$node" --env-file=.env embedded/src/main.ts
fi
exec "$node" embedded/src/main.ts
