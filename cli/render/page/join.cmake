# SPDX-License-Identifier: GPL-3.0-or-later
# Joins libraries, each after its licence as a comment, and scripts into one:
#   cmake -DTO=FILE "-DLIBRARIES=A.licence;A" "-DSCRIPTS=B;C" -P join.cmake
set(joined "")
foreach(input IN LISTS LIBRARIES)
  file(READ "${input}" text)
  if(input MATCHES "[.]licence$")
    string(APPEND joined "/*\n${text}*/\n")
  else()
    string(APPEND joined "${text}\n")
  endif()
endforeach()
string(APPEND joined "(() => {\n'use strict';\n")
foreach(input IN LISTS SCRIPTS)
  file(READ "${input}" text)
  string(APPEND joined "${text}")
endforeach()
file(WRITE "${TO}" "${joined}})();\n")
