#!/usr/bin/env bash
# The DNS responder against a packaged server, interleaved in one run: the work is done by
# tools/dev/bench_dns.py; this finds the programs and builds what is missing.
set -euo pipefail
# shellcheck source=tools/lib/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/setup.sh"

usage() {
  cat <<'USAGE'
Usage: tools/dev/bench-dns.sh [OPTION...]

Runs examples/dns_responder on both backends and NSD, each pinned to one core, with the same zone
under dnsperf on another core, in rounds of random order. Prints queries/s, server CPU per query and
paired ratios with 95 % intervals. NSD takes part twice (A/A). Needs the packages nsd and dnsperf
(apt-get install --no-install-recommends nsd dnsperf; stop the nsd service that it may start).

  --transport T     udp or tcp (udp)
  --rounds N        (12)
  --cell-seconds S  length of one measurement (1)
  --quick           3 rounds of 0.5 s: does it work at all?
  --bin DIR         our programs (build/release/bin)
  --server-cpu N    (the first of those we may use)
  --client-cpu N    (the last)

Exit code: 0 measured, 1 could not, 2 wrong arguments.
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
for program in python3 nsd dnsperf; do
  PATH=$PATH:/usr/sbin command -v "$program" >/dev/null ||
    fail "$program is missing; apt-get install $program"
done
[[ -z $bin ]] || build_missing "$bin" weir_dns_responder
exec python3 -B "$weir_root/tools/dev/bench_dns.py" ${bin:+--bin "$bin"} "$@"
