# shellcheck shell=bash
# What the server scripts share. Sourced, never run: a script calls begin, start, answers and ready, in this order.
set -euo pipefail
export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin LC_ALL=C.UTF-8

servers=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/behorig-servers
server='' dir='' log='' pid='' watch='' temp='' stop_signal=TERM

# begin SERVER DIR: the folder, empty, and the promise that all is undone at the end. From here on nothing reads the standard input but ready.
begin() {
  server=$1
  local missing
  if [ -z "${2:-}" ] || [ $# != 2 ]; then
    printf 'usage: %s DIR\n' "$0" >&2
    exit 2
  fi
  missing=$("$servers/need" "$server") || unable "it is not installed (apt-get install ${missing//$'\n'/ })"
  # A folder with content is emptied only if a server script made it.
  if [ -e "$2" ] && [ ! -e "$2/.throwaway" ] && [ -n "$(ls -A "$2")" ]; then
    printf '%s: %s is not empty, and not a folder of a server script: name another\n' "$server" "$2" >&2
    exit 2
  fi
  mkdir -p "$2"
  dir=$(cd "$2" && pwd -P) log=$dir/log
  trap end EXIT
  trap 'exit 143' TERM HUP
  trap 'exit 130' INT
  find "$dir" -mindepth 1 -delete
  : >"$dir/.throwaway"
  : >"$log"
  exec 3<&0 </dev/null
}

# unable REASON: this machine cannot run the server. Code 77, so that a test may be skipped.
unable() { printf '%s: %s\n' "$server" "$1" >&2; exit 77; }

# fail REASON: the server is there and does not work.
fail() {
  printf '%s: %s\n' "$server" "$1" >&2
  [ ! -s "$log" ] || { printf -- '-- its log:\n'; tail -n 60 "$log"; } >&2
  exit 1
}

# step COMMAND...: one that must succeed before the server can start; what it says goes to the log.
step() { "$@" >>"$log" 2>&1 3<&- || fail "${1##*/} ended with code $?"; }

# start COMMAND...: the server, in the background. It dies with this script, however this ends.
start() {
  setpriv --pdeathsig "$stop_signal" -- "$@" >>"$log" 2>&1 3<&- &
  pid=$!
}

# answers COMMAND...: waits until the command succeeds.
answers() {
  local until=$((SECONDS + 60))
  until "$@" >/dev/null 2>&1 3<&-; do
    kill -0 "$pid" 2>/dev/null || fail 'the server ended at its start'
    [ "$SECONDS" -lt "$until" ] || fail 'the server did not answer in 60 s'
    sleep 0.03
  done
}

# ready: says so, and waits for the end of the standard input, a signal or the end of the server.
ready() {
  echo ready
  setpriv --pdeathsig TERM -- cat <&3 >/dev/null 2>&1 &
  watch=$!
  wait -n "$pid" "$watch" || true
  kill -0 "$pid" 2>/dev/null || fail 'the server ended by itself'
}

# end stops what was started, and what that started, and removes the folder. BEHORIG_KEEP_SERVERS=1 leaves it for a look.
end() {
  local code=$? all
  trap '' TERM INT HUP
  if [ -n "$pid" ]; then
    mapfile -t all < <(descendants "$pid")
    kill -s "$stop_signal" "$pid" 2>/dev/null || true
    gone "$pid" || true
    kill -s TERM "${all[@]}" 2>/dev/null || true
    gone "${all[@]}" || kill -s KILL "${all[@]}" 2>/dev/null || true
  fi
  [ -z "$watch" ] || kill "$watch" 2>/dev/null || true
  [ -z "$temp" ] || rm -rf "$temp"
  [ -z "$dir" ] || [ "${BEHORIG_KEEP_SERVERS:-}" = 1 ] || rm -rf "$dir"
  exit "$code"
}

# descendants PID: it and all that it started, as far as they are still its descendants.
descendants() {
  local status
  echo "$1"
  grep -sl "^PPid:[[:space:]]*$1$" /proc/[0-9]*/status | while read -r status; do
    status=${status%/status}
    descendants "${status#/proc/}"
  done
}

# gone PID...: waits up to 5 s for their end.
gone() {
  local i p alive
  for ((i = 0; i < 250; i++)); do
    alive=
    for p in "$@"; do
      # What has ended and waits for its parent is gone.
      if kill -0 "$p" 2>/dev/null && ! grep -qs '^State:[[:space:]]*Z' "/proc/$p/status"; then alive=1; fi
    done
    [ -n "$alive" ] || return 0
    sleep 0.02
  done
  return 1
}

# ports N prints N free ports on one line, below those that the system gives to clients. Each process counts from a place of its own, so that
# scripts that start at the same time do not meet.
ports() {
  local candidate=$((($$ * 3 + RANDOM % 3) % 12000)) found=()
  while [ ${#found[@]} -lt "$1" ]; do
    candidate=$(((candidate + 1) % 12000))
    (: <"/dev/tcp/127.0.0.1/$((20000 + candidate))") 2>/dev/null || found+=($((20000 + candidate)))
  done
  echo "${found[*]}"
}

# certificates NAMES: ca.pem, cert.pem and key.pem in a folder tls of the data folder, by an authority that is made for it, for names such as
# "IP:127.0.0.1,DNS:localhost".
certificates() {
  mkdir "$dir/tls"
  cat >"$dir/tls/conf" <<C
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = $1
C
  local ec=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config "$dir/tls/conf")
  step openssl req -x509 "${ec[@]}" -extensions ca -days 30 -subj "/CN=behorig test authority" -keyout "$dir/tls/ca.key" -out "$dir/tls/ca.pem"
  step openssl req -x509 "${ec[@]}" -extensions server -days 30 -subj "/CN=$server" -CA "$dir/tls/ca.pem" -CAkey "$dir/tls/ca.key" \
    -keyout "$dir/tls/key.pem" -out "$dir/tls/cert.pem"
  rm "$dir/tls/ca.key" "$dir/tls/conf"
  chmod 600 "$dir/tls/key.pem"
}

# template MAKE PACKAGE...: runs "MAKE FOLDER" once for this version of the scripts and the packages, keeps the folder in the cache and copies it
# over the data folder. Those of other versions go after a week.
template() {
  local make=$1 key kept
  shift
  key=$(cat "$servers/$server" "$servers/lib.bash" <(dpkg-query -W "$@" 2>/dev/null) | sha256sum | cut -c 1-16)
  kept=$cache/$server-$key
  if [ ! -e "$kept" ]; then
    mkdir -p "$cache"
    exec 4>"$cache/$server.lock"
    flock 4
    if [ ! -e "$kept" ]; then
      temp=$(mktemp -d "$cache/.$server.XXXXXX")
      "$make" "$temp" 4>&-
      find "$cache" -mindepth 1 -maxdepth 1 -name "$server-*" -mtime +7 -exec rm -rf {} +
      mv -T "$temp" "$kept"
      temp=
    fi
    exec 4>&-
  fi
  step cp -a "$kept/." "$dir"
}

# say NAME=VALUE...: what a client needs to know.
say() { printf '%s\n' "$@"; }
