# SPDX-License-Identifier: GPL-3.0-or-later
# The scripts and the style of reports become part of the program; charts are drawn by Observable Plot, which stands on
# D3, both from npm.
option(LOADCAST_CHARTS "Draw charts in reports (needs npm once, to fetch the library)" ON)
set(page ${CMAKE_SOURCE_DIR}/cli/render/page)
set(folder ${CMAKE_BINARY_DIR}/page)
set(scripts common map loads responses changes dates curves fits page)
list(TRANSFORM scripts PREPEND ${page}/)
list(TRANSFORM scripts APPEND .js)

function(package name version file sha512)
  string(REGEX REPLACE ".*/" "" short ${name})
  add_custom_command(
    OUTPUT ${folder}/${short}.js ${folder}/${short}.js.licence
    COMMAND ${CMAKE_COMMAND} -DPACKAGE=${name}@${version} -DSHA512=${sha512} -DFILE=${file} -DNPM=${NPM}
            -DTO=${folder}/${short}.js -P ${page}/fetch.cmake
    DEPENDS ${page}/fetch.cmake
    COMMENT "Fetching ${name} ${version}")
endfunction()

if(LOADCAST_CHARTS)
  find_program(NPM npm)
  if(NOT NPM)
    message(FATAL_ERROR "npm is needed for the charts of reports (Debian's package npm); -DLOADCAST_CHARTS=OFF makes "
                        "reports with tables alone")
  endif()
  package(d3 7.9.0 dist/d3.min.js 7b5538ea354ffb0ec8badf09b7cae2d58b0f3af169838ea4f8af13a426f43fece30a48e43e757b5b37c3273307cb52e703ec23e692d3d708cef74d602d778484)
  package(@observablehq/plot 0.6.17 dist/plot.umd.min.js fea6973ffee67383144b4b3870f3c50120d18edb16a7ce7f4db7ec722a83814d47c188b16d26dbcad36e2270fc01c4d80b7c5ac400a0557d3a6a075f432f56fa)
  set(inputs ${folder}/d3.js.licence ${folder}/d3.js ${folder}/plot.js.licence ${folder}/plot.js ${scripts})
else()
  set(inputs ${scripts})
endif()
add_custom_command(
  OUTPUT ${folder}/script.js
  COMMAND ${CMAKE_COMMAND} -DTO=${folder}/script.js "-DINPUTS=${inputs}" -P ${page}/join.cmake VERBATIM
  DEPENDS ${inputs} ${page}/join.cmake)
set_property(SOURCE ${CMAKE_SOURCE_DIR}/cli/render/report_assets.c APPEND PROPERTY OBJECT_DEPENDS
             "${folder}/script.js;${page}/page.css")
set_property(SOURCE ${CMAKE_SOURCE_DIR}/cli/render/report_assets.c APPEND PROPERTY COMPILE_DEFINITIONS
             "PAGE_SCRIPT=\"${folder}/script.js\"" "PAGE_STYLE=\"${page}/page.css\"")
target_sources(loadcast PRIVATE ${folder}/script.js)
