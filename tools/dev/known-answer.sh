#!/usr/bin/env bash
# Load generators side by side on a server whose delays are known. The work is done by
# tools/dev/known_answer.py; this builds weir if it is missing.
set -euo pipefail
# shellcheck source=tools/lib/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/setup.sh"

usage() {
  cat <<'USAGE'
Usage: tools/dev/known-answer.sh [--weir PATH]

Starts an HTTP server that hangs for 100 ms of each second, puts it under 1000 requests a second
with `weir load`, and with hey, h2load and wrk where they are installed (packages hey,
nghttp2-client, wrk), and prints what each says beside the truth. Takes 40 s.

  --weir PATH       the weir program (build/release/bin/weir)

Exit code: 0 measured, 1 could not, 2 wrong arguments.
USAGE
}

weir=$weir_root/build/release/bin/weir
while (($# > 0)); do
  case "$1" in
    -h | --help)
      usage
      exit 0
      ;;
    --weir)
      (($# > 1)) || misuse "--weir wants a path"
      weir=$2
      shift
      ;;
    *) misuse "unknown argument \"$1\"" ;;
  esac
  shift
done
command -v python3 >/dev/null || fail "python3 is missing; apt-get install python3"
build_missing "$(dirname "$weir")" "$(basename "$weir")"
exec python3 -B "$weir_root/tools/dev/known_answer.py" --weir "$weir"
