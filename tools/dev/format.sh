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
# Many files a process: to start one takes longer than to read thirty. xargs fails where one of them
# has found something, which the names then say.
told=$(printf '%s\0' "${files[@]}" |
  xargs -0 -n 64 -P "$(nproc)" "$format" --dry-run --Werror 2>&1) && clean=yes || clean=no
mapfile -t changed < <(sed -n 's/^\(.*\):[0-9]*:[0-9]*: error: code should be clang.*/\1/p' \
  <<<"$told" | sort -u)
if [[ $clean == no ]] && ((${#changed[@]} == 0)); then
  printf '%s\n' "$told" >&2
  exit 1
fi
if ((${#changed[@]} > 0)); then
  printf 'not formatted: %s\n' "${changed[@]}" >&2
  printf 'format.sh: %d of %d files; tools/dev/format.sh mends them\n' \
    "${#changed[@]}" "${#files[@]}" >&2
  exit 1
fi
printf 'format.sh: %d files are formatted\n' "${#files[@]}"
