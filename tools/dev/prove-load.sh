#!/usr/bin/env bash
# Proves that weir load tells the truth, the long form. The work is done by tools/dev/prove_load.py;
# this builds weir if it is missing.
set -euo pipefail
# shellcheck source=tools/lib/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/setup.sh"

usage() {
  cat <<'USAGE'
Usage: tools/dev/prove-load.sh [--weir PATH] [--runs N] [--seconds S] [--only waits|search]

Holds waits that `weir load` measures on `weir serve work` against queueing theory (M/D/1 and M/M/1
at 50, 70 and 90 % load), and what find-max finds against a bisection by hand. Prints tables. Takes
about 8 minutes, and wants a machine that does nothing else. The quick form is `weir load selftest`.

  --weir PATH       the weir program (build/release/bin/weir)
  --runs N          of each load, with a seed each: 3, 4, 6, 8, 10 or 12 (8)
  --seconds S       of each run (4)
  --only WHAT       waits or search

Exit code: 0 all hold, 1 something does not or could not be measured, 2 wrong arguments.
USAGE
}

weir=$weir_root/build/release/bin/weir
forwarded=()
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
    --runs | --seconds | --only)
      (($# > 1)) || misuse "$1 wants a value"
      forwarded+=("$1" "$2")
      shift
      ;;
    *) misuse "unknown argument \"$1\"" ;;
  esac
  shift
done
command -v python3 >/dev/null || fail "python3 is missing; apt-get install python3"
build_missing "$(dirname "$weir")" "$(basename "$weir")"
exec python3 -B "$weir_root/tools/dev/prove_load.py" --weir "$weir" "${forwarded[@]}"
