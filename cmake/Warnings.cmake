# weir_warnings: what our own sources are compiled with. Linked PRIVATE only, and only inside this
# build, so that nobody who uses the libraries inherits our taste.
add_library(weir_warnings INTERFACE)
target_compile_options(
  weir_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Woverloaded-virtual
            -Wcast-align
            -Wimplicit-fallthrough
            -Wextra-semi
            $<$<BOOL:${WEIR_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(weir_warnings INTERFACE -Wduplicated-cond -Wlogical-op)
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(weir_warnings INTERFACE -Wthread-safety -Wunreachable-code-return)
endif()
