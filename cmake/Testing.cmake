# weir_add_test(<name> SOURCES ... [LIBS ...] [LABEL unit] [TIMEOUT_S 60])
#
# One GoogleTest binary, its cases registered one by one with ctest. Tests may include the private
# headers of the runtime (runtime/src) and the helpers in tests/support.
include(GoogleTest)

if(WEIR_INSTRUMENTED OR WEIR_COVERAGE)
  set(WEIR_TEST_TIMEOUT_SCALE 5)
else()
  set(WEIR_TEST_TIMEOUT_SCALE 1)
endif()

function(weir_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT_S" "SOURCES;LIBS")
  if(NOT arg_SOURCES)
    return()
  endif()
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(NOT arg_TIMEOUT_S)
    set(arg_TIMEOUT_S 60)
  endif()
  math(EXPR timeout_s "${arg_TIMEOUT_S} * ${WEIR_TEST_TIMEOUT_SCALE}")

  add_executable(${name} ${arg_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_23)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/runtime/src"
                                             "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE ${arg_LIBS} weir_warnings weir_instrumentation GTest::gmock
                                        GTest::gtest_main)
  gtest_discover_tests(
    ${name}
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${timeout_s} LABELS ${arg_LABEL})
endfunction()
