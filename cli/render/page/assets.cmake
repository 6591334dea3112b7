# SPDX-License-Identifier: GPL-3.0-or-later
# The scripts and the style of reports become part of the program. Charts are drawn by Observable Plot, which stands on
# D3: both are fetched from npm when the build is configured.
set(LOADCAST_CHARTS AUTO CACHE STRING "Charts in reports: ON, OFF (tables alone), or AUTO: where npm gives the library")
set(page ${CMAKE_SOURCE_DIR}/cli/render/page)
set(folder ${CMAKE_BINARY_DIR}/page)
set(scripts common map loads responses changes dates curves trends fits requests assumed page)
list(TRANSFORM scripts PREPEND ${page}/)
list(TRANSFORM scripts APPEND .js)

# Sets `charts` to whether the library is there, and `wrong` to what npm said where it is not.
function(fetch name version file sha512)
  string(REGEX REPLACE ".*/" "" short ${name})
  set(to ${folder}/${short}-${version}.js)
  list(APPEND libraries ${to}.licence ${to})
  set(libraries ${libraries} PARENT_SCOPE)
  if(EXISTS ${to} OR NOT charts)
    return()
  endif()
  execute_process(
    COMMAND ${CMAKE_COMMAND} -DPACKAGE=${name}@${version} -DSHA512=${sha512} -DFILE=${file} -DNPM=${NPM} -DTO=${to}
            -P ${page}/fetch.cmake
    RESULT_VARIABLE status ERROR_VARIABLE said)
  if(NOT status EQUAL 0)
    set(charts OFF PARENT_SCOPE)
    set(wrong "${said}" PARENT_SCOPE)
  endif()
endfunction()

set(charts ${LOADCAST_CHARTS})
set(libraries)
find_program(NPM npm)
if(charts AND NOT NPM)
  set(charts OFF)
  set(wrong "npm is not installed\n")
endif()
if(LOADCAST_CHARTS)
  fetch(d3 7.9.0 dist/d3.min.js 7b5538ea354ffb0ec8badf09b7cae2d58b0f3af169838ea4f8af13a426f43fece30a48e43e757b5b37c3273307cb52e703ec23e692d3d708cef74d602d778484)
  fetch(@observablehq/plot 0.6.17 dist/plot.umd.min.js fea6973ffee67383144b4b3870f3c50120d18edb16a7ce7f4db7ec722a83814d47c188b16d26dbcad36e2270fc01c4d80b7c5ac400a0557d3a6a075f432f56fa)
  if(NOT charts AND LOADCAST_CHARTS STREQUAL "AUTO")
    message(WARNING "Reports will have tables without charts: ${wrong}-DLOADCAST_CHARTS=OFF says that this is meant.")
  elseif(NOT charts)
    message(FATAL_ERROR "LOADCAST_CHARTS is ON, but ${wrong}")
  endif()
endif()
if(NOT charts)
  set(libraries)
endif()
add_custom_command(
  OUTPUT ${folder}/script.js
  COMMAND ${CMAKE_COMMAND} -DTO=${folder}/script.js "-DLIBRARIES=${libraries}" "-DSCRIPTS=${scripts}"
          -P ${page}/join.cmake
  DEPENDS ${libraries} ${scripts} ${page}/join.cmake
  VERBATIM)
set_property(SOURCE ${CMAKE_SOURCE_DIR}/cli/render/report_assets.c APPEND PROPERTY OBJECT_DEPENDS
             "${folder}/script.js;${page}/page.css")
set_property(SOURCE ${CMAKE_SOURCE_DIR}/cli/render/report_assets.c APPEND PROPERTY COMPILE_DEFINITIONS
             "PAGE_SCRIPT=\"${folder}/script.js\"" "PAGE_STYLE=\"${page}/page.css\"")
target_sources(loadcast PRIVATE ${folder}/script.js)
