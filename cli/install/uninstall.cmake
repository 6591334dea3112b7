# cmake --build build/release --target uninstall: removes what the last cmake --install of this build put in place.
file(STRINGS ${MANIFEST} installed)
foreach(file ${installed})
  message(STATUS "Removing: $ENV{DESTDIR}${file}")
  file(REMOVE $ENV{DESTDIR}${file})
endforeach()
