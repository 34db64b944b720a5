# Shared by the scripts: where the checkout is, the project's own programs first, and how to speak.
# shellcheck shell=sh
root=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd)
PATH=$root/node_modules/.bin:$PATH:/usr/sbin:/sbin
export PATH

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$@"
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# run_quietly COMMAND…: shows the output only when the command fails.
run_quietly() {
  quiet_log=$(mktemp)
  if "$@" >"$quiet_log" 2>&1; then
    rm -f "$quiet_log"
  else
    quiet_status=$?
    cat "$quiet_log" >&2
    rm -f "$quiet_log"
    return "$quiet_status"
  fi
}
