# weir_precompile(<target> <header>...)
#
# What nearly every source of a target includes, of the standard library and other projects, is
# parsed once. It saves a third of a build from nothing. Off in the presets `debug` and `clang`
# (which clang-tidy reads), and wherever nobody asks for it: there, a source that does not include
# what it uses does not compile.
option(WEIR_PRECOMPILE "Precompile headers of the standard library and of other projects" OFF)

function(weir_precompile target)
  if(WEIR_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

# In nearly every source.
set(WEIR_COMMON_HEADERS
    <algorithm>
    <array>
    <chrono>
    <cstddef>
    <cstdint>
    <memory>
    <optional>
    <span>
    <string>
    <string_view>
    <utility>
    <vector>)
