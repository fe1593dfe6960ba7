# Writes page_assets.cpp, which makes files part of the library, with the digests that the pages' security policy names.
#   cmake -D TEMPLATE=assets.cpp.in -D OUTPUT=file "-DASSETS=file;..." -P make_assets.cmake
set(page_assets "")
foreach(path ${ASSETS})
  cmake_path(GET path FILENAME asset)
  string(MAKE_C_IDENTIFIER ${asset} name)
  file(SHA256 ${path} digest)
  string(APPEND page_assets "RNN_RATES_ASSET(${name}, \"${asset}\", \"${path}\", \"${digest}\")\n")
endforeach()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
file(TOUCH ${OUTPUT})
