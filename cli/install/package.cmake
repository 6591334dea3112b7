# A Debian package by cpack.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME loadcast)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "predicts from traces which component saturates first")
set(CPACK_PACKAGE_DESCRIPTION "Reads distributed traces, learns a layered queueing network from them,
simulates it under projected loads, and says which component saturates
first, at which load and when.")
set(CPACK_PACKAGE_CONTACT "The loadcast maintainers <maintainers@loadcast.invalid>")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(depends "libxml2 | libxml2-16" libsqlite3-0 "libgvc6 | libgvc7") # what is loaded at run time
if(LOADCAST_CURL AND libcurl_FOUND)
  list(APPEND depends "libcurl4 | libcurl4t64")
endif()
if(LOADCAST_MICROHTTPD AND libmicrohttpd_FOUND)
  list(APPEND depends "libmicrohttpd12 | libmicrohttpd12t64")
endif()
list(JOIN depends ", " CPACK_DEBIAN_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox, zstd")
if(BUILD_SHARED_LIBS)
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
  set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_SOURCE_DIR}/triggers)
endif()
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
include(CPack)

# Its changelog, in Debian's format.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # SOURCE_DATE_EPOCH, where it is set
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/changelog "loadcast (${PROJECT_VERSION}) unstable; urgency=medium

  * What is new stands in NEWS.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
add_custom_command(OUTPUT changelog.gz NEWS.gz
                   COMMAND gzip -9nc changelog > changelog.gz
                   COMMAND gzip -9nc ${PROJECT_SOURCE_DIR}/docs/CHANGELOG.md > NEWS.gz
                   DEPENDS ${PROJECT_SOURCE_DIR}/docs/CHANGELOG.md)
add_custom_target(changelog ALL DEPENDS changelog.gz NEWS.gz)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz ${CMAKE_CURRENT_BINARY_DIR}/NEWS.gz copyright
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
