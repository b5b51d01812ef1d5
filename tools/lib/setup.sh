# Shared by tools/quickstart.sh, tools/test.sh and .ci/run; sourced, not run.
# shellcheck shell=bash

weir_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
weir_jobs="${WEIR_JOBS:-$(nproc)}"
weir_install=yes

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}
# Wrong use of a script, as opposed to a failed run.
misuse() {
  printf '%s: %s; try --help\n' "$(basename "$0")" "$*" >&2
  exit 2
}

# Prints a command, then runs it.
run() {
  printf '    $'
  printf ' %q' "$@"
  printf '\n'
  "$@"
}

require_count() {
  [[ "$2" =~ ^[1-9][0-9]*$ ]] || misuse "$1 wants a positive number, not \"$2\""
}

# packages_of GROUP...: the packages of these groups of tools/packages.txt, one a line.
packages_of() {
  awk -v groups="$*" '
    BEGIN { count = split(groups, names, " "); for (i = 1; i <= count; i++) wanted[names[i]] = 1 }
    /^[[:space:]]*(#|$)/ { next }
    $1 in wanted { print $2 }' "$weir_root/tools/packages.txt"
}

package_is_installed() {
  [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]
}

# ensure_packages GROUP...: installs what is missing of these groups, and only that.
ensure_packages() {
  local package wanted=() missing=() as_root=()
  mapfile -t wanted < <(packages_of "$@")
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    if [[ $weir_install == no ]]; then
      say "Packages: not a Debian system; using what is here"
      return
    fi
    printf '%s\n' \
      'This is not a Debian system, so nothing is installed. weir needs what Debian calls:' >&2
    printf '  %s\n' "${wanted[@]}" >&2
    fail "install these by hand, then run this again with --no-install"
  fi
  for package in "${wanted[@]}"; do
    package_is_installed "$package" || missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then
    say "Packages: all ${#wanted[@]} are installed ($*)"
    return
  fi
  if [[ $weir_install == no ]]; then
    fail "missing packages: ${missing[*]} (run this without --no-install to install them)"
  fi
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      fail "neither root nor sudo here; as root run: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "Packages: installing ${missing[*]}"
  run "${as_root[@]}" apt-get update -q
  run "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# configure PRESET [CMAKE ARGUMENT...]
configure() {
  local preset=$1
  shift
  say "Configuring build/$preset"
  (cd "$weir_root" && run cmake --preset "$preset" "$@") || fail "configuring build/$preset failed"
}

# build PRESET [CMAKE --build ARGUMENT...]
build() {
  local preset=$1
  shift
  say "Building build/$preset with $weir_jobs jobs"
  (cd "$weir_root" && run cmake --build --preset "$preset" --parallel "$weir_jobs" "$@") ||
    fail "building build/$preset failed"
}

# build_missing FOLDER PROGRAM...: builds the programs that are not there, if FOLDER is that of the
# release build; output goes to stderr, as the caller's belongs to stdout. Of any other folder it
# says what is missing.
build_missing() {
  local folder=$1 program
  shift
  local missing=()
  for program in "$@"; do
    [[ -x $folder/$program ]] || missing+=("$program")
  done
  ((${#missing[@]} > 0)) || return 0
  [[ $folder == "$weir_root/build/release/bin" ]] || fail "there is no ${missing[0]} in $folder"
  configure release >&2
  build release --target "${missing[@]}" >&2
}

# build_peers FOLDER PROGRAM...: the same for peers on libraries, of which a build leaves out those
# whose library is missing; what is missing after this is for the caller's caller to say.
build_peers() {
  local folder=$1 program
  shift
  [[ $folder == "$weir_root/build/release/bin" ]] || return 0
  for program in "$@"; do
    [[ -x $folder/$program ]] && continue
    configure release >&2
    build release --target library_peers >&2
    return
  done
}
