# Installs the library, headers, tools and what find_package(fusevm) and pkg-config need. Nothing
# installed contains an absolute path, so the prefix can be moved.

include(CMakePackageConfigHelpers)

set(packageDir "${CMAKE_INSTALL_LIBDIR}/cmake/fusevm")

install(TARGETS fusevm EXPORT fusevmTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/fusevm"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
install(EXPORT fusevmTargets NAMESPACE fusevm:: DESTINATION "${packageDir}")

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/fusevmConfig.cmake.in" "${PROJECT_BINARY_DIR}/fusevmConfig.cmake"
  INSTALL_DESTINATION "${packageDir}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/fusevmConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/fusevmConfig.cmake" "${PROJECT_BINARY_DIR}/fusevmConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindRE2.cmake"
  DESTINATION "${packageDir}")

# The way from the .pc file back to the prefix.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
  BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" OUTPUT_VARIABLE pcPrefix)
configure_file("${PROJECT_SOURCE_DIR}/cmake/fusevm.pc.in" "${PROJECT_BINARY_DIR}/fusevm.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/fusevm.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
