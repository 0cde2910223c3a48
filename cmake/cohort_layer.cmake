# SPDX-License-Identifier: MIT
# cohort_layer(<name> PUBLIC <headers...> SOURCES <files...>)
#   PUBLIC   headers below include/cohort/<name>, installed, each compiled alone by all_verify_interface_header_sets
#   SOURCES  files below src/<name>
function(cohort_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 layer "" "" "PUBLIC;SOURCES")
  set(include_root ${PROJECT_SOURCE_DIR}/include)
  list(TRANSFORM layer_PUBLIC PREPEND ${include_root}/cohort/${name}/)
  list(TRANSFORM layer_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/src/${name}/)
  target_sources(cohort
    PRIVATE ${layer_SOURCES}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${include_root} FILES ${layer_PUBLIC})
endfunction()
