# weir_add_library(<name> SOURCES ... HEADERS ... BASE_DIR <dir>)
#
# A library of ours: target weir_<name>, alias weir::<name>, C++23 without extensions, public
# headers as a file set. Static unless BUILD_SHARED_LIBS says otherwise. A static one hides its
# symbols, so that a shared library that embeds it does not export them, and is position-independent
# only if CMAKE_POSITION_INDEPENDENT_CODE asks for more than the compiler's default.
function(weir_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "BASE_DIR" "SOURCES;HEADERS")
  set(target weir_${name})
  if(arg_SOURCES)
    set(visibility PUBLIC)
    add_library(${target} ${arg_SOURCES})
    target_link_libraries(
      ${target}
      PUBLIC $<BUILD_INTERFACE:weir_instrumentation>
      PRIVATE $<BUILD_INTERFACE:weir_warnings>)
    target_include_directories(${target} PRIVATE src)
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
    if(NOT BUILD_SHARED_LIBS)
      set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden
                                                 VISIBILITY_INLINES_HIDDEN ON)
    endif()
  else()
    set(visibility INTERFACE)
    add_library(${target} INTERFACE)
  endif()
  add_library(weir::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} ${visibility} cxx_std_23)
  target_sources(
    ${target}
    ${visibility}
    FILE_SET HEADERS
    BASE_DIRS ${arg_BASE_DIR}
    FILES ${arg_HEADERS})
endfunction()
