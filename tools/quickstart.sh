#!/usr/bin/env bash
# From a fresh clone to numbers: installs what is missing, builds weir, runs `weir demo`.
# Safe to run again; the second time it only builds what changed.
set -euo pipefail
# shellcheck source=tools/lib/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/setup.sh"

usage() {
  cat <<'USAGE'
Usage: tools/quickstart.sh [--no-install] [--jobs N]

Installs the missing Debian packages (with sudo if you are not root), builds weir into
build/release and runs "weir demo": an echo server and a load generator on each backend.

  --no-install  install nothing; stop if a package is missing
  --jobs N      compile N files at a time (default: one a core)
  --help        this text

Exit code: 0 done, 1 a step failed, 2 wrong arguments.
USAGE
}

while (($# > 0)); do
  case "$1" in
    --no-install) weir_install=no ;;
    --jobs)
      (($# > 1)) || misuse "--jobs wants a number"
      require_count --jobs "$2"
      weir_jobs=$2
      shift
      ;;
    --jobs=*)
      require_count --jobs "${1#--jobs=}"
      weir_jobs=${1#--jobs=}
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) misuse "unknown argument \"$1\"" ;;
  esac
  shift
done

ensure_packages build
# The same directory tools/test.sh builds in, so that one does not repeat the work of the other. A
# directory that already builds tests stays so: switching them off would throw their objects away.
if [[ -f "$weir_root/build/release/CMakeCache.txt" ]]; then
  configure release
else
  configure release -DWEIR_UNITY=ON \
    -DWEIR_BUILD_TESTS=OFF -DWEIR_BUILD_BENCH=OFF -DWEIR_BUILD_EXAMPLES=OFF
fi
build release --target weir
say "Running the demo: build/release/bin/weir demo"
"$weir_root/build/release/bin/weir" demo
say "Done. Next: build/release/bin/weir --help, or tools/test.sh for the tests"
