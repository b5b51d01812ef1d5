#!/usr/bin/env bash
# Formats the C++ sources with clang-format 19. Another version lays the same code out differently.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
  cat <<'USAGE'
Usage: tools/dev/format.sh [--check] [FILE...]

Formats the named C++ files, or all that git knows. With --check it changes nothing, lists what it
would change and exits 1 if there is something. CLANG_FORMAT names another program.
USAGE
}

check=no
files=()
while (($# > 0)); do
  case "$1" in
    --check) check=yes ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*)
      printf 'format.sh: unknown argument "%s"; try --help\n' "$1" >&2
      exit 2
      ;;
    *) files+=("$1") ;;
  esac
  shift
done

format=${CLANG_FORMAT:-clang-format-19}
if ! command -v "$format" >/dev/null; then
  printf 'format.sh: %s is missing; apt-get install clang-format-19\n' "$format" >&2
  exit 1
fi

if ((${#files[@]} == 0)); then
  while IFS= read -r -d '' file; do
    # git also lists what was deleted but not yet committed.
    [[ ! -f $file ]] || files+=("$file")
  done < <(git ls-files -z --cached --others --exclude-standard -- '*.h' '*.cpp')
fi
((${#files[@]} > 0)) || exit 0

if [[ $check == no ]]; then
  "$format" -i "${files[@]}"
  exit 0
fi
# A process on each processor for 32 files at a time.
# shellcheck disable=SC2016  # $1 and the rest are for the inner bash to expand
mapfile -d '' -t changed < <(
  printf '%s\0' "${files[@]}" |
    xargs -0 -n 32 -P "$(nproc)" bash -c '
      format=$1
      shift
      for file; do "$format" "$file" | cmp --silent - "$file" || printf "%s\0" "$file"; done' \
      bash "$format"
)
if ((${#changed[@]} > 0)); then
  printf 'not formatted: %s\n' "${changed[@]}" >&2
  printf 'format.sh: %d of %d files; tools/dev/format.sh mends them\n' \
    "${#changed[@]}" "${#files[@]}" >&2
  exit 1
fi
printf 'format.sh: %d files are formatted\n' "${#files[@]}"
