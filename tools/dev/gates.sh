#!/usr/bin/env bash
# The gates of CI that hold no times: see bench/gates/README.md. The work is done by
# tools/dev/gates.py; this builds the programs first, as those of yesterday would say nothing.
set -euo pipefail
# shellcheck source=tools/lib/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/setup.sh"

usage() {
  cat <<'USAGE'
Usage: tools/dev/gates.sh [OPTION...]

Counts what a request costs on each backend (system calls, completions, allocations, segments,
copies) and the instructions of the codec kernels, and compares with a baseline: none of the counts
may be higher, instructions by at most 1 %. Nothing is timed, so a busy machine changes nothing.

  --update          write the baseline anew; the commit says why
  --baseline FILE   (bench/gates/baseline.json)
  --bin DIR         the programs, as they are there; else those of build/release, built now

Exit code: 0 none is worse, 1 one is, or a program failed, 2 wrong arguments, 77 nothing here can be
compared with the baseline.
USAGE
}

bin=$weir_root/build/release/bin
for argument in "$@"; do
  case "$argument" in
    -h | --help)
      usage
      exit 0
      ;;
    --bin | --bin=*) bin="" ;;
  esac
done
command -v python3 >/dev/null || fail "python3 is missing; apt-get install python3"

if [[ -n $bin ]]; then
  configure release -DWEIR_BUILD_BENCH=ON >&2
  build release --target weir_gates weir_gate_kernels >&2
fi
exec python3 -B "$weir_root/tools/dev/gates.py" ${bin:+--bin "$bin"} "$@"
