# Finds RE2, which has no CMake package in most distributions: the target re2::re2.
# RE2_PREFER_ARCHIVE: link the archive, if there is one.

find_path(RE2_INCLUDE_DIR re2/re2.h)
if(RE2_PREFER_ARCHIVE)
  set(archiveName libre2.a)
endif()
find_library(RE2_LIBRARY NAMES ${archiveName} re2)
mark_as_advanced(RE2_INCLUDE_DIR RE2_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RE2 REQUIRED_VARS RE2_LIBRARY RE2_INCLUDE_DIR)

if(RE2_FOUND AND NOT TARGET re2::re2)
  find_package(Threads REQUIRED)
  add_library(re2::re2 UNKNOWN IMPORTED)
  set_target_properties(re2::re2 PROPERTIES
    IMPORTED_LOCATION "${RE2_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${RE2_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
