# SPDX-License-Identifier: GPL-3.0-or-later
# Fetches one package of npm: its archive must be the one whose SHA-512 is stated. Takes out FILE as TO, and its licence.
#   cmake -DPACKAGE=d3@7.9.0 -DSHA512=… -DFILE=dist/d3.min.js -DTO=…/d3.js -DNPM=… -P fetch.cmake
set(folder "${TO}.package")
file(MAKE_DIRECTORY "${folder}")
execute_process(COMMAND "${NPM}" pack "${PACKAGE}" --silent --prefer-offline --pack-destination "${folder}"
                OUTPUT_VARIABLE archive ERROR_VARIABLE wrong RESULT_VARIABLE status OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PACKAGE} cannot be fetched by npm: ${wrong}")
endif()
string(REGEX REPLACE ".*\n" "" archive "${archive}")
file(SHA512 "${folder}/${archive}" found)
if(NOT found STREQUAL SHA512)
  message(FATAL_ERROR "${PACKAGE} is not the archive expected: SHA-512 ${SHA512}, found ${found}")
endif()
file(ARCHIVE_EXTRACT INPUT "${folder}/${archive}" DESTINATION "${folder}")
file(RENAME "${folder}/package/LICENSE" "${TO}.licence")
file(RENAME "${folder}/package/${FILE}" "${TO}")
file(REMOVE_RECURSE "${folder}")
file(TOUCH "${TO}" "${TO}.licence") # the archive says 1985
