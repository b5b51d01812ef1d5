#!/usr/bin/env bash
# weir against the raw loops, interleaved in one run: see bench/peers/README.md. The work is done by
# tools/dev/bench_udp.py; this finds the programs and builds what is missing of them.
set -euo pipefail
# shellcheck source=tools/lib/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/setup.sh"

usage() {
  cat <<'USAGE'
Usage: tools/dev/bench-udp.sh [OPTION...]

Runs the raw UDP loops (recvfrom, recvmmsg, GSO and GRO, io_uring) and weir on both backends, each
pinned to one core, with the same partner on another core, in rounds of random order: echo, receive,
send, and echo of trains. Prints datagrams a second, CPU and system calls per datagram, paired
ratios with 95 % intervals, and how these stand to the targets.

  --rounds N        rounds a case (24); more rounds narrow the intervals
  --cell-seconds S  length of one measurement (0.5)
  --case RE         only the cases that match
  --quick           2 rounds of 0.05 s: does it work at all?
  --json OUT        write everything measured
  --weir PATH       the weir program (build/release/bin/weir); `none`: the raw loops alone
  --bin DIR         the raw programs, and weir (build/release/bin)
  --add NAME=PEER   one more raw loop, e.g. 'direct=uring --direct-below 4'; repeatable
  --against LIST    servers on other libraries as well: some of asio_udp,uv_udp
  --peers           all of those that were built
  --realtime        run all as SCHED_FIFO (root): other processes of a busy machine must wait
  --server-cpu N    (the first of those we may use)
  --client-cpu N    (the last)

Exit code: 0 measured, 1 could not, 2 wrong arguments. Missing a target is not a failure.
USAGE
}

bin=$weir_root/build/release/bin
programs=(raw_udp raw_udp_client weir weir_udp_source)
peers=()
for ((i = 1; i <= $#; i++)); do
  next=$((i + 1))
  case "${!i}" in
    -h | --help)
      usage
      exit 0
      ;;
    --bin | --bin=*) bin="" ;;
    --peers | --against | --against=*) peers=(asio_udp uv_udp) ;;
    --weir=*) programs=(raw_udp raw_udp_client) ;;
    --weir)
      ((next <= $#)) || misuse "--weir wants a path, or none"
      programs=(raw_udp raw_udp_client)
      ;;
  esac
done
command -v python3 >/dev/null || fail "python3 is missing; apt-get install python3"

if [[ -n $bin ]]; then
  build_missing "$bin" "${programs[@]}"
  build_peers "$bin" "${peers[@]}"
fi
exec python3 -B "$weir_root/tools/dev/bench_udp.py" ${bin:+--bin "$bin"} "$@"
