# Install rules: libraries, headers, the CMake package, the pkg-config file, the program.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/weir")

install(
  TARGETS weir_base weir_runtime weir_protocols
  EXPORT weirTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(
  EXPORT weirTargets
  NAMESPACE weir::
  DESTINATION "${package_dir}")

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/weirConfig.cmake.in" "${PROJECT_BINARY_DIR}/package/weirConfig.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/package/weirConfigVersion.cmake"
  # Before 1.0 a minor version may break the interface.
  COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/package/weirConfig.cmake"
        "${PROJECT_BINARY_DIR}/package/weirConfigVersion.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/Findliburing.cmake"
  DESTINATION "${package_dir}")

# A static library does not know what it needs: everybody who links it must name that, even without
# `pkg-config --static`. A shared one does know.
set(WEIR_PC_LIBS "")
foreach(library IN ITEMS weir_runtime weir_protocols weir_base)
  get_target_property(type ${library} TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    string(APPEND WEIR_PC_LIBS " -l${library}")
  endif()
endforeach()
set(WEIR_PC_LIBS_PRIVATE "-pthread -ldl")
if(BUILD_SHARED_LIBS)
  set(WEIR_PC_REQUIRES_FIELD Requires.private)
else()
  set(WEIR_PC_REQUIRES_FIELD Requires)
  string(APPEND WEIR_PC_LIBS " ${WEIR_PC_LIBS_PRIVATE}")
endif()
file(RELATIVE_PATH WEIR_PC_PREFIX "/root/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/root")
string(REGEX REPLACE "/$" "" WEIR_PC_PREFIX "${WEIR_PC_PREFIX}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/weir.pc.in" "${PROJECT_BINARY_DIR}/package/weir.pc"
               @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/package/weir.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
if(TARGET weir)
  install(TARGETS weir RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  install(FILES "${PROJECT_SOURCE_DIR}/tools/weir/load/report/load-1.schema.json"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/weir")
endif()
