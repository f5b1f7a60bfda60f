# Distributions ship Abseil as both archives and shared objects, and its CMake package names the
# shared ones. A tool would load dozens of them, which takes longer than most programs run, so the
# imported targets are pointed at the archives that lie beside them. Only this build is changed:
# whoever uses an installed fusevm gets Abseil as its package has it.

function(fusevm_use_static_absl)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  list(FILTER targets INCLUDE REGEX "^absl::")
  foreach(target IN LISTS targets)
    get_target_property(configs ${target} IMPORTED_CONFIGURATIONS)
    if(NOT configs)
      continue() # Header only.
    endif()
    foreach(config IN LISTS configs)
      get_target_property(location ${target} IMPORTED_LOCATION_${config})
      string(REGEX REPLACE "\\.so[.0-9]*$" ".a" archive "${location}")
      if(NOT archive STREQUAL location AND EXISTS "${archive}")
        set_target_properties(${target} PROPERTIES
          IMPORTED_LOCATION_${config} "${archive}"
          IMPORTED_SONAME_${config} "")
      endif()
    endforeach()
  endforeach()
endfunction()

fusevm_use_static_absl()
