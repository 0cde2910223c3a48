# SPDX-License-Identifier: MIT
# What `make package` makes: Debian packages of the runtime and the development files, and an archive of both.
set(runtime_package libcohort${COHORT_SOVERSION})
set(development_package libcohort-dev)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${development_package} RENAME copyright
  COMPONENT cohort_development)
if(BUILD_SHARED_LIBS)
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${runtime_package} RENAME copyright
    COMPONENT cohort_runtime)
endif()

set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_NAME cohort)
set(CPACK_PACKAGE_VENDOR cohort)
set(CPACK_PACKAGE_CONTACT "The cohort maintainers <maintainers@cohort.invalid>")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL cohort_development)
if(BUILD_SHARED_LIBS)
  list(APPEND CPACK_COMPONENTS_ALL cohort_runtime)
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_DEBIAN_COHORT_RUNTIME_PACKAGE_NAME ${runtime_package})
set(CPACK_DEBIAN_COHORT_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_COHORT_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_COHORT_RUNTIME_DESCRIPTION "${PROJECT_DESCRIPTION} (shared library)")

set(CPACK_DEBIAN_COHORT_DEVELOPMENT_PACKAGE_NAME ${development_package})
set(CPACK_DEBIAN_COHORT_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_COHORT_DEVELOPMENT_DESCRIPTION "${PROJECT_DESCRIPTION} (headers, CMake package, pkg-config file)")
if(BUILD_SHARED_LIBS)
  set(CPACK_DEBIAN_COHORT_DEVELOPMENT_PACKAGE_DEPENDS "${runtime_package} (= ${PROJECT_VERSION}), libcereal-dev")
else()  # programs that take the archive link OpenSSL themselves
  set(CPACK_DEBIAN_COHORT_DEVELOPMENT_PACKAGE_DEPENDS "libcereal-dev, libssl-dev")
endif()
include(CPack)
