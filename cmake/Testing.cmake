# How tests are declared. Labels: unit, conformance, interop, tools, packaging, style, gates, soak.
include(GoogleTest)

# Sanitizers cost up to this factor in time.
if(WEIR_INSTRUMENTED OR WEIR_COVERAGE)
  set(WEIR_TEST_TIMEOUT_SCALE 5)
else()
  set(WEIR_TEST_TIMEOUT_SCALE 1)
endif()

# Of the cases of a binary, where they are not tests of their own.
set(WEIR_TEST_PARTS 4)

# weir_add_test(<name> SOURCES ... [LIBS ...] [LABEL unit] [TIMEOUT_S 60] [SERIAL])
#
# One GoogleTest binary, its cases registered one by one (in parts where WEIR_UNITY asks for a short
# wait, and under a sanitizer). Tests may include the private headers of the runtime
# ("reactor/reactor.h") and the helpers in tests/support ("tests/support/hex.h"). SERIAL: no other
# test runs at the same time, for cases that fill a pool of the machine, such as its descriptors.
function(weir_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "LABEL;TIMEOUT_S" "SOURCES;LIBS")
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(NOT arg_TIMEOUT_S)
    set(arg_TIMEOUT_S 60)
  endif()
  math(EXPR timeout_s "${arg_TIMEOUT_S} * ${WEIR_TEST_TIMEOUT_SCALE}")
  set(serial FALSE)
  if(arg_SERIAL)
    set(serial TRUE)
  endif()

  add_executable(${name} ${arg_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_23)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}"
                                             "${PROJECT_SOURCE_DIR}/runtime/src")
  target_link_libraries(${name} PRIVATE ${arg_LIBS} weir_warnings weir_instrumentation GTest::gmock
                                        GTest::gtest_main)
  set(properties LABELS ${arg_LABEL} RUN_SERIAL ${serial})
  if(NOT WEIR_INSTRUMENTED AND NOT WEIR_UNITY)
    gtest_discover_tests(
      ${name}
      DISCOVERY_MODE PRE_TEST
      DISCOVERY_TIMEOUT 60
      PROPERTIES TIMEOUT ${timeout_s} ${properties})
    return()
  endif()
  # A sanitizer takes a third of a second to start: for thousands of cases, ten minutes; without one
  # it is two. So they run in a few processes, each its share of the cases, which it tells in a file
  # for test_summary.py.
  math(EXPR timeout_s "${timeout_s} * 4")
  math(EXPR last_part "${WEIR_TEST_PARTS} - 1")
  foreach(part RANGE ${last_part})
    set(cases "${PROJECT_BINARY_DIR}/test-cases/${name}.part${part}.xml")
    add_test(NAME ${name}.part${part} COMMAND ${name} --gtest_brief=1 "--gtest_output=xml:${cases}")
    set_tests_properties(
      ${name}.part${part}
      PROPERTIES ENVIRONMENT "GTEST_TOTAL_SHARDS=${WEIR_TEST_PARTS};GTEST_SHARD_INDEX=${part}"
                 TIMEOUT ${timeout_s} ${properties})
  endforeach()
endfunction()

# weir_add_compile_failure_test(<name> <file> <expected-regex>)
#
# A misuse that must not compile. The file compiles as it is; with WEIR_MISUSE defined the compiler
# must refuse it with a message that matches.
function(weir_add_compile_failure_test name file expected)
  get_filename_component(file "${file}" ABSOLUTE)
  set(includes "$<TARGET_PROPERTY:weir_runtime,INTERFACE_INCLUDE_DIRECTORIES>"
               "$<TARGET_PROPERTY:weir_protocols,INTERFACE_INCLUDE_DIRECTORIES>"
               "$<TARGET_PROPERTY:weir_base,INTERFACE_INCLUDE_DIRECTORIES>")
  string(JOIN "|" arguments "${CMAKE_CXX23_STANDARD_COMPILE_OPTION}"
         "-I$<JOIN:$<REMOVE_DUPLICATES:${includes}>,|-I>")
  add_test(
    NAME ${name}
    COMMAND
      "${CMAKE_COMMAND}" -D "COMPILER=${CMAKE_CXX_COMPILER}" -D "ARGUMENTS=${arguments}" -D
      "FILE=${file}" -D "EXPECTED=${expected}" -P
      "${PROJECT_SOURCE_DIR}/cmake/CompileFailure.cmake")
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 120)
endfunction()

# weir_add_header_checks(<library>...)
#
# Compiles each public header by itself, twice over, with our warnings: part of the normal build.
# Not those that a source of the library includes before all else: it has compiled them alone.
function(weir_add_header_checks)
  set(sources)
  foreach(library IN LISTS ARGN)
    get_target_property(headers weir_${library} HEADER_SET)
    if(NOT headers)
      continue()
    endif()
    get_target_property(in_batches weir_${library} UNITY_BUILD)
    foreach(header IN LISTS headers)
      string(REGEX REPLACE "/include/weir/(protocols/)?(.*)\\.h$" "/src/\\2.cpp" own "${header}")
      string(REGEX REPLACE "^.*/include/" "" header "${header}")
      if(EXISTS "${own}" AND NOT in_batches)
        file(STRINGS "${own}" first_include LIMIT_COUNT 1 REGEX "^#include")
        if(first_include STREQUAL "#include \"${header}\"")
          continue()
        endif()
      endif()
      string(REPLACE "/" "_" name "${header}")
      set(source "${CMAKE_CURRENT_BINARY_DIR}/headers/${name}.cpp")
      set(include "#include \"${header}\"\n")
      file(CONFIGURE OUTPUT "${source}" CONTENT "${include}${include}" @ONLY)
      list(APPEND sources "${source}")
    endforeach()
  endforeach()
  if(sources)
    add_library(weir_header_checks OBJECT ${sources})
    list(TRANSFORM ARGN PREPEND weir::)
    target_link_libraries(weir_header_checks PRIVATE ${ARGN} weir_warnings)
    target_compile_options(weir_header_checks PRIVATE -O0 -g0)
    # In one unit a header would find what another includes.
    set_target_properties(weir_header_checks PROPERTIES UNITY_BUILD OFF)
  endif()
endfunction()
