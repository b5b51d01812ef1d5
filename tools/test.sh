#!/usr/bin/env bash
# Builds weir with its tests and runs all of them. Safe to run again.
set -euo pipefail
# shellcheck source=tools/lib/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/setup.sh"

usage() {
  cat <<'USAGE'
Usage: tools/test.sh [PRESET] [--no-install] [--jobs N] [--label REGEX]

Installs the missing Debian packages (with sudo if you are not root), builds the libraries, the
program and the tests into build/PRESET and runs the tests through ctest.

  PRESET         release (default), debug, clang, asan, tsan, gcc-asan, coverage, or fuzz: each
                 fuzz target for a few seconds
  --no-install   install nothing; stop if a package is missing
  --jobs N       compile N files and run N tests at a time (default: one a core to compile, two a
                 core to test: most of a test's time is waiting)
  --label REGEX  only tests with such a label: unit, conformance, interop, tools, packaging, style,
                 gates, soak
  --help         this text

Exit code: 0 all passed, 1 a step or a test failed, 2 wrong arguments.
USAGE
}

preset=""
label=""
test_jobs=$((2 * weir_jobs))
while (($# > 0)); do
  case "$1" in
    --no-install) weir_install=no ;;
    --jobs | --label)
      (($# > 1)) || misuse "$1 wants a value"
      if [[ $1 == --jobs ]]; then
        require_count --jobs "$2"
        weir_jobs=$2
        test_jobs=$weir_jobs
      else
        label=$2
      fi
      shift
      ;;
    --jobs=*)
      require_count --jobs "${1#--jobs=}"
      weir_jobs=${1#--jobs=}
      test_jobs=$weir_jobs
      ;;
    --label=*) label=${1#--label=} ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*) misuse "unknown argument \"$1\"" ;;
    *)
      [[ -z $preset ]] || misuse "one preset at a time, not \"$preset\" and \"$1\""
      preset=$1
      ;;
  esac
  shift
done
preset=${preset:-release}

groups=(build test)
case "$preset" in
  release | debug | gcc-asan | coverage) ;;
  clang | asan | tsan | fuzz) groups+=(clang) ;;
  *) misuse "unknown preset \"$preset\"" ;;
esac

ensure_packages "${groups[@]}"
# What is measured is built where it would be; the examples wherever they can fail.
bench=ON
examples=ON
case "$preset" in
  asan | tsan | coverage) bench=OFF ;;
  gcc-asan | fuzz)
    bench=OFF
    examples=OFF
    ;;
esac
# Compiling is most of the time: many files at once take half of it. Libraries and benchmarks are
# compiled that way only where nobody measures them.
unity=(-DWEIR_UNITY=ON)
case "$preset" in
  asan | tsan) unity+=(-DCMAKE_UNITY_BUILD=ON) ;;
esac
configure "$preset" -DWEIR_BUILD_TESTS=ON \
  "-DWEIR_BUILD_BENCH=$bench" "-DWEIR_BUILD_EXAMPLES=$examples" \
  "${unity[@]}"
build "$preset"

say "Running the tests of build/$preset"
results="$weir_root/build/$preset/test-results.xml"
cases="$weir_root/build/$preset/test-cases"
rm -rf "$results" "$cases"
arguments=(--preset "$preset" --parallel "$test_jobs" --output-junit "$results")
[[ -z $label ]] || arguments+=(--label-regex "$label")
status=0
(cd "$weir_root" && run ctest "${arguments[@]}") || status=$?
[[ -f $results ]] || fail "ctest wrote no results"
python3 "$weir_root/tools/lib/test_summary.py" "$preset" "$results" "$cases" || status=1
((status == 0)) || exit 1
