#!/usr/bin/env bash
# What the load generator costs beside a raw loop, interleaved in one run. The work is done by
# tools/dev/bench_load.py; this finds the programs and builds what is missing of them.
set -euo pipefail
# shellcheck source=tools/lib/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/setup.sh"

usage() {
  cat <<'USAGE'
Usage: tools/dev/bench-load.sh [OPTION...]

Runs `weir load --closed` on both backends, a raw epoll loop and, if it is installed, sockperf
against one raw echo server, generators on one core and servers on another, in rounds of random
order. Prints requests a second and CPU per request of each generator, and paired ratios to the raw
loop with 95 % intervals. The raw loop takes part twice (A/A).

  --rounds N        rounds a case (24); more rounds narrow the intervals
  --cell-seconds S  length of one measurement (0.5); sockperf: whole seconds
  --case RE         only the cases that match: c1, c64, c64-d16
  --quick           2 rounds of 0.05 s: does it work at all?
  --json OUT        write everything measured
  --weir PATH       the weir program (build/release/bin/weir)
  --bin DIR         the raw programs, and weir (build/release/bin)
  --realtime        run all as SCHED_FIFO (root): other processes of a busy machine must wait
  --server-cpu N    (the first of those we may use)
  --client-cpu N    (the last)

Exit code: 0 measured, 1 could not, 2 wrong arguments. Missing a target is not a failure.
USAGE
}

bin=$weir_root/build/release/bin
programs=(raw_epoll raw_client weir)
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

[[ -z $bin ]] || build_missing "$bin" "${programs[@]}"
exec python3 -B "$weir_root/tools/dev/bench_load.py" ${bin:+--bin "$bin"} "$@"
