# weir_instrumentation: sanitizers and coverage. Compile and link flags have to agree between the
# libraries and everything that links them, so this one is PUBLIC in an instrumented build, and
# empty otherwise.
add_library(weir_instrumentation INTERFACE)

set(WEIR_INSTRUMENTED OFF)
if(WEIR_SANITIZE)
  set(WEIR_INSTRUMENTED ON)
  list(JOIN WEIR_SANITIZE "," sanitizers)
  target_compile_options(weir_instrumentation INTERFACE -fsanitize=${sanitizers}
                                                        -fno-omit-frame-pointer)
  target_link_options(weir_instrumentation INTERFACE -fsanitize=${sanitizers})
  if("undefined" IN_LIST WEIR_SANITIZE)
    target_compile_options(weir_instrumentation INTERFACE -fno-sanitize-recover=all)
    # To read memory that may not be there, the check of dynamic types opens a pipe, and takes the
    # failure for a bad object where a test has used up the descriptors.
    target_compile_options(weir_instrumentation INTERFACE -fno-sanitize=vptr)
  endif()
  # mimalloc would hide use-after-free and leaks of coroutine frames from the sanitizers.
  target_compile_definitions(weir_instrumentation INTERFACE WEIR_PLAIN_MALLOC)
endif()
if(WEIR_COVERAGE)
  target_compile_options(weir_instrumentation INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(weir_instrumentation INTERFACE --coverage)
endif()
# The asserts that walk whole structures.
if(WEIR_INSTRUMENTED)
  target_compile_definitions(weir_instrumentation INTERFACE WEIR_SLOW_ASSERTS)
else()
  target_compile_definitions(weir_instrumentation INTERFACE $<$<CONFIG:Debug>:WEIR_SLOW_ASSERTS>)
endif()
