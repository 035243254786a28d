#!/usr/bin/env bash
# Starts the platform as containers, or stops it; scripts/startup.sh --cluster and --down come here. Bash 3.2 is enough.
#   bash cluster/cluster.sh up|down [profile …]
set -euo pipefail

root="$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)"
known_profiles='kafka kibana nginx observability'
engine_min=25
compose_min=2.24
wait_seconds=600

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

# The project name separates it from other containers in this Docker.
compose() {
  docker compose --project-name ego "$@"
}

# Sets a variable from .env, as compose does, unless the environment has it.
read_env_file() {
  local name value
  [ -f .env ] || return 0
  for name in "$@"; do
    if [ -n "${!name+set}" ]; then continue; fi
    value="$(sed -n "s/^$name=//p" .env)"
    # The last line wins.
    value="${value##*$'\n'}"
    case "$value" in
      \"*\" | \'*\') value="${value#?}" value="${value%?}" ;;
    esac
    if [ -n "$value" ]; then export "$name=$value"; fi
  done
}

# Whether $1 is at least $2, both as in 2.24. A development build without a number counts as new enough.
is_version() {
  local major minor="${1#*.}"
  major="${1%%.*}"
  minor="${minor%%.*}"
  case "$major$minor" in *[!0-9]*) return 0 ;; esac
  [ "$major" -gt "${2%%.*}" ] || { [ "$major" -eq "${2%%.*}" ] && [ "$minor" -ge "${2#*.}" ]; }
}

check_docker() {
  command -v docker >/dev/null ||
    fail 'Docker is missing: install it with its compose plugin from https://docs.docker.com/engine/install.'
  local version
  version="$(docker compose version --short 2>/dev/null)" ||
    fail 'Docker has no compose plugin: install it from https://docs.docker.com/compose/install.'
  is_version "${version#v}" "$compose_min" ||
    fail "Docker Compose $version is too old: install $compose_min or newer from https://docs.docker.com/compose/install."
  if ! version="$(docker info --format '{{.ServerVersion}}' 2>&1)"; then
    case "$version" in
      *'permission denied'*) fail 'This user may not use Docker: add it to the group docker and sign in again.' ;;
      *) fail 'Docker is not running: start Docker Desktop, or the service with sudo systemctl start docker.' ;;
    esac
  fi
  is_version "$version" "$engine_min.0" ||
    fail "Docker $version is too old: install $engine_min or newer from https://docs.docker.com/engine/install."
}

check_profiles() {
  local name
  for name in "$@"; do
    case " $known_profiles " in
      *" $name "*) ;;
      *) fail "There is no profile '$name': choose from $known_profiles." ;;
    esac
  done
}

check_events() {
  case "${EGO_EVENTS:-rabbitmq}" in
    rabbitmq) ;;
    kafka) has_profile kafka || fail 'EGO_EVENTS is kafka, which only runs with --profile kafka.' ;;
    *) fail "EGO_EVENTS is '$EGO_EVENTS': choose rabbitmq or kafka." ;;
  esac
}

# Another copy of the repository would use the same names, and so the same containers.
check_owner() {
  local folder
  docker ps --all --filter label=com.docker.compose.project=ego \
    --format '{{.Label "com.docker.compose.project.working_dir"}}' |
    while read -r folder; do
      [ -z "$folder" ] || [ "$folder" = "$root" ] ||
        fail "The containers named ego belong to $folder: stop them there, or with docker compose -p ego down."
    done
}

# The content of the volumes cannot be opened without their secrets.
check_volumes() {
  if [ ! -f "$EGO_CLUSTER/secrets.json" ] && [ -n "$(docker volume ls --quiet --filter 'name=^ego_postgres$')" ]; then
    fail "There are volumes of an earlier cluster, and $EGO_CLUSTER does not have its secrets: put them back, or remove the volumes whose names begin with ego_."
  fi
}

# Creates a self-signed certificate unless there is one.
make_certificate() {
  local secrets="$EGO_CLUSTER/secrets"
  if [ -f "$secrets/tls.crt" ] && [ -f "$secrets/tls.key" ]; then return; fi
  if [ -f "$secrets/tls.crt" ] || [ -f "$secrets/tls.key" ]; then
    fail "$secrets holds one of tls.crt and tls.key: put both there, or none."
  fi
  command -v openssl >/dev/null || fail "openssl is missing: install it, or put tls.crt and tls.key into $secrets."
  # Not with -addext, which the openssl of some macOS versions does not support.
  cat >"$secrets/tls.cnf.tmp" <<'CONFIG'
[req]
prompt = no
distinguished_name = name
x509_extensions = extensions
[name]
CN = localhost
[extensions]
subjectAltName = DNS:localhost,IP:127.0.0.1
basicConstraints = critical,CA:FALSE
extendedKeyUsage = serverAuth
CONFIG
  openssl ecparam -name prime256v1 -genkey -noout -out "$secrets/tls.key.tmp" 2>/dev/null &&
    openssl req -x509 -new -key "$secrets/tls.key.tmp" -sha256 -days 365 \
      -config "$secrets/tls.cnf.tmp" -out "$secrets/tls.crt.tmp" 2>/dev/null ||
    fail "openssl could not make a certificate: put tls.crt and tls.key into $secrets."
  # nginx reads them as another user; the mode of the folder keeps other users out.
  chmod 0444 "$secrets/tls.key.tmp" "$secrets/tls.crt.tmp"
  mv "$secrets/tls.key.tmp" "$secrets/tls.key"
  mv "$secrets/tls.crt.tmp" "$secrets/tls.crt"
  rm -f "$secrets/tls.cnf.tmp"
}

make_secrets() {
  command -v node >/dev/null || fail 'Node is missing: install Node 24 from https://nodejs.org, then run this again.'
  node "$root/cluster/secrets.mjs" "$EGO_CLUSTER" || exit 1
}

# Prints for each failed container how to read its log.
tell_failure() {
  local service state health code
  printf 'The cluster did not start.\n' >&2
  compose ps --all --format '{{.Service}} {{.State}} {{.ExitCode}} {{.Health}}' 2>/dev/null |
    while read -r service state code health; do
      case "$state $code $health" in
        'running '*' healthy' | 'exited 0'*) continue ;;
        'exited '*) printf '  %s ended with exit code %s' "$service" "$code" ;;
        'running '*) printf '  %s is %s' "$service" "${health:-running}" ;;
        *) printf '  %s is %s' "$service" "$state" ;;
      esac
      printf ': docker compose -p ego logs %s\n' "$service"
    done >&2 || true
  printf 'The other containers keep running: bash scripts/startup.sh --down stops them.\n' >&2
  exit 1
}

has_profile() {
  case " $profiles " in
    *" $1 "*) return 0 ;;
    *) return 1 ;;
  esac
}

address_of() {
  compose port "$1" "$2" 2>/dev/null | sed 's/^127\.0\.0\.1:/localhost:/'
}

row() {
  printf '  %-11s %s\n' "$1" "$2"
}

banner() {
  local url secrets="$EGO_CLUSTER/secrets" shown="$EGO_CLUSTER/admin-shown" admin
  url="http://$(address_of apisix 9080)"
  admin="${ADMIN_USERNAME:-admin} / see $secrets/admin-password"
  [ -f "$shown" ] || admin="${ADMIN_USERNAME:-admin} / $(cat "$secrets/admin-password")  (shown only now, kept in $secrets/admin-password)"
  printf '\nEgo is up as containers after %s s. bash scripts/startup.sh --down stops it.\n\n' "$SECONDS"
  row API "$url"
  if has_profile nginx; then row TLS "https://$(address_of apisix 8443)"; fi
  row 'Swagger UI' "$url/docs"
  row Admin "$admin"
  row Mail "http://$(address_of mailpit 8025)  ego / see $secrets/mailpit-password"
  row RabbitMQ "http://$(address_of rabbitmq 15672)  ego / see $secrets/rabbitmq-password"
  row MinIO "http://$(address_of minio 9001)  ego-root / see $secrets/minio-root-password"
  if has_profile kibana; then row Kibana "http://$(address_of kibana 5601)  elastic / see $secrets/elasticsearch-password"; fi
  if has_profile observability; then row Grafana "http://$(address_of grafana 3000)  admin / see $secrets/grafana-password"; fi
  cat <<NEXT

Register a user next:

  curl -X POST $url/auth/registration -H 'Content-Type: application/json' \\
    -d '{"username":"testusername","password":"testpassword","user_email":"testemail@example.com"}'

NEXT
  : >"$shown"
}

up() {
  local name options=()
  check_profiles "$@"
  if has_profile kafka; then export EGO_EVENTS="${EGO_EVENTS:-kafka}"; fi
  check_events
  check_docker
  check_owner
  check_volumes
  make_secrets
  if has_profile nginx; then
    make_certificate
    export EGO_TLS_PORT="${EGO_TLS_PORT:-9443}"
  fi
  for name in "$@"; do options+=(--profile "$name"); done
  compose ${options[@]+"${options[@]}"} up --detach --build --wait --wait-timeout "$wait_seconds" || tell_failure
  if has_profile kibana; then
    compose --profile kibana --profile views run --rm --no-deps --build kibana-views ||
      printf 'Kibana has no data view: run this again once it answers.\n' >&2
  fi
  banner
}

down() {
  local name options=()
  check_docker
  check_owner
  # Include containers that were started with profiles.
  for name in $known_profiles; do options+=(--profile "$name"); done
  compose "${options[@]}" down
  printf 'Ego is stopped. Its data is in the Docker volumes whose names begin with ego_, and in %s.\n' "$EGO_CLUSTER"
}

mode="${1-}"
[ $# -gt 0 ] && shift
profiles="$*"
# A relative path is relative to the caller, or in .env to the repository.
case "${EGO_CLUSTER-}" in
  '' | /*) ;;
  *) export EGO_CLUSTER="$PWD/$EGO_CLUSTER" ;;
esac
# Compose reads docker-compose.yml, docker-compose.override.yml and .env from here.
cd -- "$root"
read_env_file EGO_CLUSTER EGO_EVENTS EGO_TLS_PORT ADMIN_USERNAME
EGO_CLUSTER="${EGO_CLUSTER:-.cluster}"
case "$EGO_CLUSTER" in
  /*) ;;
  *) EGO_CLUSTER="$root/$EGO_CLUSTER" ;;
esac
export EGO_CLUSTER

case "$mode" in
  up) up "$@" ;;
  down) down ;;
  *) fail 'Say up or down: bash scripts/startup.sh --cluster, or --down.' ;;
esac
