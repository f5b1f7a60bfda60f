# Whether and how the compiler plugin is built. Without it the library only interprets; nothing
# else differs, so users of the library need not know.

option(FUSEVM_ENABLE_JIT "Build the plugin that makes native code, if LLVM 19 is there" ON)
if(FUSEVM_ENABLE_JIT)
  # LLVM's package tries out C, which the project itself has no use for.
  include(CheckLanguage)
  check_language(C)
  if(CMAKE_C_COMPILER)
    enable_language(C)
    find_package(LLVM 19.1 QUIET CONFIG)
  endif()
endif()
if(FUSEVM_ENABLE_JIT AND NOT LLVM_FOUND)
  message(WARNING
    "LLVM 19.1 with its static libraries was not found, so the compiler plugin is not built and "
    "every program is interpreted. On Debian, install llvm-19-dev, zlib1g-dev and libzstd-dev. "
    "-DFUSEVM_ENABLE_JIT=OFF if that is what you want.")
  # Hides the cached value, so that the next run of cmake looks again.
  set(FUSEVM_ENABLE_JIT OFF)
endif()

# The library and its plugin share structures and numbers, so both carry this and must agree.
set(sharedHeaders
  IR/Instruction.h IR/Opcode.h IR/OpShape.h IR/Ops.def Native/JitPlugin.h Runtime/Value.h)
set(sharedText "${PROJECT_VERSION}")
foreach(header IN LISTS sharedHeaders)
  set(path "${PROJECT_SOURCE_DIR}/include/fusevm/${header}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
  file(SHA256 "${path}" hash)
  string(APPEND sharedText " ${hash}")
endforeach()
string(SHA256 sharedHash "${sharedText}")
string(SUBSTRING "${sharedHash}" 0 16 sharedHash)
set(FUSEVM_BUILD_ID "${PROJECT_VERSION}-${sharedHash}")

# fusevm_use_archives(target...)
#
# Points imported targets at the archives that lie beside their shared libraries.
function(fusevm_use_archives)
  foreach(target IN LISTS ARGN)
    if(NOT TARGET ${target})
      continue()
    endif()
    foreach(property IN ITEMS IMPORTED_LOCATION IMPORTED_LOCATION_RELEASE IMPORTED_LOCATION_NONE)
      get_target_property(location ${target} ${property})
      string(REGEX REPLACE "\\.so[.0-9]*$" ".a" archive "${location}")
      if(location AND NOT archive STREQUAL location AND EXISTS "${archive}")
        set_target_properties(${target} PROPERTIES ${property} "${archive}")
      endif()
    endforeach()
  endforeach()
endfunction()
