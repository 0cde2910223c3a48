# SPDX-License-Identifier: MIT
# Installation: the library, its public headers, a CMake package and a pkg-config file.
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/cohort)
set(installed_targets cohort)
set(COHORT_PKG_CONFIG_LIBS "-L\${libdir}")
if(TARGET cohort_entry)
  list(APPEND installed_targets cohort_entry)
  # The archive stands before the library, which it calls.
  string(APPEND COHORT_PKG_CONFIG_LIBS " -Wl,--wrap=main,--undefined=main -lcohort_entry")
endif()
string(APPEND COHORT_PKG_CONFIG_LIBS " -lcohort -pthread")
if(NOT BUILD_SHARED_LIBS)
  string(APPEND COHORT_PKG_CONFIG_LIBS " -Wl,--push-state,--as-needed,-lssl,-lcrypto,--pop-state")
endif()

if(NOT BUILD_SHARED_LIBS)  # the libraries that an archive names may lie beside it, not in the system
  target_link_directories(cohort INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_LIBDIR}>)
endif()

install(TARGETS ${installed_targets} EXPORT cohort
  RUNTIME COMPONENT cohort_runtime
  LIBRARY COMPONENT cohort_runtime NAMELINK_COMPONENT cohort_development
  ARCHIVE COMPONENT cohort_development
  FILE_SET HEADERS COMPONENT cohort_development)

install(EXPORT cohort NAMESPACE cohort:: DESTINATION ${package_folder}
  FILE cohort-targets.cmake COMPONENT cohort_development)
configure_package_config_file(cmake/cohort-config.cmake.in ${PROJECT_BINARY_DIR}/cohort-config.cmake
  INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cohort-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cohort-config.cmake ${PROJECT_BINARY_DIR}/cohort-config-version.cmake
  DESTINATION ${package_folder} COMPONENT cohort_development)

# Relative to where the file lies, so that a moved installation still works.
file(RELATIVE_PATH COHORT_PKG_CONFIG_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/cohort.pc.in ${PROJECT_BINARY_DIR}/cohort.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cohort.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT cohort_development)
