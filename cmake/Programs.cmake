# weir_add_program(<name> SOURCES ... [LIBS ...])
#
# A program of ours. It takes mimalloc as the allocator of its whole process, which the libraries
# never do by themselves.
function(weir_add_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS")
  add_executable(${name} ${arg_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_23)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_link_libraries(${name} PRIVATE ${arg_LIBS} weir_program_allocator weir_warnings
                                        weir_instrumentation)
endfunction()
