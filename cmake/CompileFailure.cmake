# Run by the tests that weir_add_compile_failure_test registers: the file must compile as it stands
# and must not compile with WEIR_MISUSE defined, for the expected reason. The first half is what
# keeps such a test from passing because of a missing include.
#
#   cmake -D COMPILER=... -D ARGUMENTS=a|b|c -D FILE=... -D EXPECTED=regex -P CompileFailure.cmake
string(REPLACE "|" ";" arguments "${ARGUMENTS}")
list(REMOVE_ITEM arguments "")

execute_process(
  COMMAND ${COMPILER} ${arguments} -fsyntax-only ${FILE}
  RESULT_VARIABLE status
  ERROR_VARIABLE messages)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${FILE} does not compile even without WEIR_MISUSE:\n${messages}")
endif()

execute_process(
  COMMAND ${COMPILER} ${arguments} -DWEIR_MISUSE -fsyntax-only ${FILE}
  RESULT_VARIABLE status
  ERROR_VARIABLE messages)
if(status EQUAL 0)
  message(FATAL_ERROR "${FILE} compiles with WEIR_MISUSE defined; it must not")
endif()
if(NOT messages MATCHES "${EXPECTED}")
  message(FATAL_ERROR "${FILE} fails without saying \"${EXPECTED}\":\n${messages}")
endif()
