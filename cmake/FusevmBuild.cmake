# How our own code is compiled. Included once, by the top-level CMakeLists.txt.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# The library may end up inside a shared object, for instance a frontend's extension module. There
# is no need to be able to replace its functions, though, and GCC would not inline those.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_options(-fno-semantic-interposition)

if(PROJECT_IS_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
  endif()
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  # Ninja hides the terminal from compilers, so colours must be asked for.
  set(CMAKE_COLOR_DIAGNOSTICS ON)

  find_program(FUSEVM_CCACHE ccache)
  mark_as_advanced(FUSEVM_CCACHE)
  if(FUSEVM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${FUSEVM_CCACHE}")
  endif()
endif()

# Released code is -O2, for which the loops are written and measured.
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")

# -Wpedantic stays off: the loops dispatch through labels as values.
add_compile_options(-Wall -Wextra -Wnon-virtual-dtor -Woverloaded-virtual -Wsuggest-override)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports std::string's operator+ (its bug 105651).
  add_compile_options(-Wno-restrict)
endif()
if(FUSEVM_WERROR)
  add_compile_options(-Werror)
endif()

# Every tier must round alike, so a*b+c is never contracted. Whoever calls user code and the unit
# tests turn exceptions on again for themselves.
add_compile_options(-fno-exceptions -fno-rtti -ffp-contract=off)

# Bounds checks of the standard library; unlike _GLIBCXX_DEBUG they keep its ABI.
add_compile_definitions($<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

if(FUSEVM_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "FUSEVM_BUILD_FUZZERS needs Clang, not ${CMAKE_CXX_COMPILER_ID}")
  endif()
  if(NOT FUSEVM_SANITIZE AND NOT FUSEVM_COVERAGE)
    set(FUSEVM_SANITIZE address undefined)
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(FUSEVM_COVERAGE)
  # Without assertions, whose failing sides nobody should reach.
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_compile_definitions(FUSEVM_COVERAGE)
  add_link_options(-fprofile-instr-generate)
endif()

if(FUSEVM_SANITIZE)
  list(JOIN FUSEVM_SANITIZE "," sanitizers)
  # Assertions are on whatever the build type is, and a finding ends the program.
  add_compile_options(
    -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g1 -UNDEBUG)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  add_link_options(-fsanitize=${sanitizers})
  if("undefined" IN_LIST FUSEVM_SANITIZE)
    # It needs RTTI, which the library does not have.
    add_compile_options(-fno-sanitize=vptr)
    add_link_options(-fno-sanitize=vptr)
  endif()
endif()

# fusevm_link_statically(target)
#
# Links a program without shared libraries other than libc and libm: each one costs start-up time.
# The sanitizers must intercept the C++ runtime and so keep it shared.
function(fusevm_link_statically target)
  if(NOT FUSEVM_SANITIZE)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endfunction()
