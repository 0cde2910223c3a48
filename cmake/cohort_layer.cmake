# SPDX-License-Identifier: MIT
# cohort_layer(<name> PUBLIC <headers...> SOURCES <files...> ALONE <files...>)
#   PUBLIC   headers below include/cohort/<name>, installed, each compiled alone by all_verify_interface_header_sets
#   SOURCES  files below src/<name>
#   ALONE    those of them that cannot share a translation unit with others
function(cohort_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 layer "" "" "PUBLIC;SOURCES;ALONE")
  set(include_root ${PROJECT_SOURCE_DIR}/include)
  list(TRANSFORM layer_PUBLIC PREPEND ${include_root}/cohort/${name}/)
  list(TRANSFORM layer_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/src/${name}/)
  # A unity build compiles a layer as one file, but for those with names that other files of it have, too.
  set_target_properties(cohort PROPERTIES UNITY_BUILD_MODE GROUP)
  set_source_files_properties(${layer_SOURCES} TARGET_DIRECTORY cohort PROPERTIES UNITY_GROUP ${name})
  list(TRANSFORM layer_ALONE PREPEND ${PROJECT_SOURCE_DIR}/src/${name}/)
  if(layer_ALONE)
    set_source_files_properties(${layer_ALONE} TARGET_DIRECTORY cohort PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  target_sources(cohort
    PRIVATE ${layer_SOURCES}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${include_root} FILES ${layer_PUBLIC})
endfunction()
