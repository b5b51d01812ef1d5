#!/usr/bin/env bash
# scenario.sh NAME: one way in which another project gets at weir; tests/packaging/CMakeLists.txt
# sets the environment. Each starts from an empty directory of its own.
set -euo pipefail

consumer="$WEIR_SOURCE_DIR/tests/packaging/consumer"
prefix="$WEIR_WORK_DIR/prefix"
scratch="$WEIR_WORK_DIR/$1"
rm -rf "$scratch"
mkdir -p "$scratch"

expect_file() {
  [[ -f $1 ]] || {
    printf 'not installed: %s\n' "$1" >&2
    exit 1
  }
}

# The build is configured for another prefix: that everything below works shows that the package can
# be moved.
install() {
  rm -rf "$prefix"
  "$CMAKE" --install "$WEIR_BUILD_DIR" --prefix "$prefix" >"$scratch/install.log"

  expect_file "$prefix/include/weir/base/chain.h"
  expect_file "$prefix/include/weir/protocols/codec.h"
  if [[ -x $WEIR_BUILD_DIR/bin/weir ]]; then
    [[ "$("$prefix/bin/weir" --version)" == *"$WEIR_VERSION"* ]]
  fi
  # Names of this machine's directories have no place in a package.
  if grep -rlI --include='*.cmake' --include='*.pc' --include='*.h' \
    -e "$WEIR_SOURCE_DIR" -e "$WEIR_BUILD_DIR" "$prefix"; then
    printf 'these installed files name the source or build directory\n' >&2
    exit 1
  fi
}

find_package() {
  "$CMAKE" -S "$consumer" -B "$scratch" -D CMAKE_PREFIX_PATH="$prefix" -D CMAKE_BUILD_TYPE=Debug
  "$CMAKE" --build "$scratch"
  "$scratch/consumer"
}

# Each example is a project of its own. All are configured; the normal build compiles them, so here
# two do, one for each library that they link.
example() {
  local example
  for example in delay_relay dns_responder echo send_all sticky tcp_basic udp_basic; do
    "$CMAKE" -S "$WEIR_SOURCE_DIR/examples/$example" -B "$scratch/$example" \
      -D CMAKE_PREFIX_PATH="$prefix" -D CMAKE_UNITY_BUILD=ON \
      -D CMAKE_BUILD_TYPE=Debug -D CMAKE_CXX_FLAGS_DEBUG=-O0
  done
  "$CMAKE" --build "$scratch/echo"
  "$CMAKE" --build "$scratch/dns_responder"
  expect_file "$scratch/echo/weir_echo"
  expect_file "$scratch/dns_responder/weir_dns_responder"
}

pkg_config() {
  local pc flags
  pc="$(find "$prefix" -name weir.pc)"
  export PKG_CONFIG_PATH="${pc%/*}"
  [[ "$(pkg-config --modversion weir)" == "$WEIR_VERSION" ]]
  read -ra flags <<<"$(pkg-config --cflags --libs weir) ${LDFLAGS:-}"

  "$CXX" -std=c++2b "$consumer/main.cpp" -o "$scratch/consumer" "${flags[@]}"

  LD_LIBRARY_PATH="${pc%/pkgconfig/*}" "$scratch/consumer"
}

# At -O0 and in unity: all of the runtime once more, as cheaply as can be.
add_subdirectory() {
  "$CMAKE" -S "$consumer" -B "$scratch" -D WEIR_SOURCE_DIR="$WEIR_SOURCE_DIR" \
    -D CMAKE_UNITY_BUILD=ON -D CMAKE_UNITY_BUILD_BATCH_SIZE=24 \
    -D CMAKE_BUILD_TYPE=Debug -D CMAKE_CXX_FLAGS_DEBUG=-O0
  "$CMAKE" --build "$scratch" --target base_consumer consumer
  "$scratch/base_consumer"
  "$scratch/consumer"
}

# The same targets as above by another road, hence configured only.
fetch_content() {
  "$CMAKE" -S "$consumer" -B "$scratch" -D WEIR_SOURCE_DIR="$WEIR_SOURCE_DIR" -D WEIR_FETCH=ON
}

"$1"
