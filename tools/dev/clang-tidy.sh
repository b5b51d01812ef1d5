#!/usr/bin/env bash
# Runs clang-tidy 19 over the libraries and the program; .clang-tidy holds the checks. Version 14,
# Debian's default, cannot read std::expected.
set -euo pipefail
# shellcheck source=tools/lib/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/setup.sh"

usage() {
  cat <<'USAGE'
Usage: tools/dev/clang-tidy.sh [--fix] [--deep] [--jobs N] [REGEX...]

Checks the sources under runtime/, protocols/ and tools/, or only those whose path matches a REGEX,
with the compile commands of the clang preset (which is configured if need be, not built).

  --fix     mend what clang-tidy can mend
  --deep    also the path-sensitive analyzer and the costlier checks: takes far longer
  --jobs N  check N files at a time (default: one a core)
USAGE
}

arguments=()
patterns=()
while (($# > 0)); do
  case "$1" in
    --fix) arguments+=(-fix) ;;
    --deep)
      # NewDelete* does not follow coroutine frames and intrusive counts.
      checks='clang-analyzer-*,-clang-analyzer-cplusplus.NewDelete*'
      checks+=',-clang-analyzer-optin.performance.Padding'
      checks+=',bugprone-assert-side-effect,bugprone-dangling-handle,bugprone-infinite-loop'
      checks+=',bugprone-misplaced-widening-cast,bugprone-not-null-terminated-result'
      checks+=',bugprone-signed-char-misuse,bugprone-suspicious-memset-usage'
      checks+=',bugprone-swapped-arguments,bugprone-unused-raii,bugprone-unused-return-value'
      checks+=',misc-definitions-in-headers,modernize-use-equals-default,modernize-use-nullptr'
      checks+=',modernize-use-using,readability-container-contains,readability-string-compare'
      arguments+=("-checks=$checks")
      ;;
    --jobs)
      (($# > 1)) || misuse "--jobs wants a number"
      require_count --jobs "$2"
      weir_jobs=$2
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*) misuse "unknown argument \"$1\"" ;;
    *) patterns+=("$1") ;;
  esac
  shift
done
((${#patterns[@]} > 0)) || patterns=("$weir_root/(runtime|protocols|tools)/.*\.cpp$")

command -v run-clang-tidy-19 >/dev/null ||
  fail "run-clang-tidy-19 is missing; apt-get install clang-tidy-19"
configure clang -DWEIR_BUILD_TESTS=OFF -DWEIR_BUILD_BENCH=OFF >/dev/null
say "clang-tidy 19 with $weir_jobs jobs"
# Warnings of the compiler are for the compiler; clang-tidy would report them a second time.
(cd "$weir_root" && run-clang-tidy-19 -quiet -p build/clang -j "$weir_jobs" \
  -extra-arg=-Wno-unknown-warning-option "${arguments[@]}" "${patterns[@]}")
