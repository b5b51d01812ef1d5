# weir_warnings: what our own sources are compiled with. Linked PRIVATE only, and only inside this
# build, so that nobody who uses the libraries inherits our taste.
add_library(weir_warnings INTERFACE)
target_compile_options(
  weir_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            $<$<NOT:$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>:-Wshadow>
            -Wconversion
            -Woverloaded-virtual
            -Wcast-align
            -Wimplicit-fallthrough
            -Wextra-semi
            $<$<BOOL:${WEIR_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # In a batch of sources a name of one file would shadow that of another, which it never meets.
  target_compile_options(
    weir_warnings
    INTERFACE -Wduplicated-cond
              -Wlogical-op
              $<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wshadow=local>)
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(weir_warnings INTERFACE -Wthread-safety -Wunreachable-code-return)
endif()
