#!/usr/bin/env bash
# Fuzzes for longer than a test does: builds the targets, then runs tools/dev/fuzz.py.
set -euo pipefail
# shellcheck source=tools/lib/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/setup.sh"

usage() {
  cat <<'USAGE'
Usage: tools/dev/fuzz.sh [--minutes N] [--jobs N] [TARGET...]

Builds the fuzz preset and runs the targets (all, or those named: line, cobs ...) for N minutes
altogether, each for an equal share, then prints what each has executed and found. New inputs and
what crashes stay in build/fuzz/tests/fuzz/found/TARGET.

  --minutes N   how long (60)
  --jobs N      targets that run at a time (one a core)

Exit code: 0 nothing found, 1 something found or a step failed, 2 wrong arguments.
USAGE
}

minutes=60
targets=()
while (($# > 0)); do
  case "$1" in
    -h | --help)
      usage
      exit 0
      ;;
    --minutes | --jobs)
      (($# > 1)) || misuse "$1 wants a value"
      require_count "$1" "$2"
      if [[ $1 == --minutes ]]; then minutes=$2; else weir_jobs=$2; fi
      shift
      ;;
    -*) misuse "unknown argument \"$1\"" ;;
    *) targets+=("$1") ;;
  esac
  shift
done

ensure_packages build test clang
configure fuzz -DWEIR_BUILD_TESTS=ON -DWEIR_BUILD_BENCH=OFF -DWEIR_BUILD_EXAMPLES=OFF
build fuzz
say "Fuzzing for $minutes minutes, $weir_jobs targets at a time"
exec python3 -B "$weir_root/tools/dev/fuzz.py" --minutes "$minutes" --jobs "$weir_jobs" \
  "${targets[@]}"
