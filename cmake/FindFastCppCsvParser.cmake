# Ben Strasser's fast C++ CSV parser, a header, as FastCppCsvParser::FastCppCsvParser; included as <csv.h>.

# Debian keeps it in a folder of its own, others beside all headers, where libcsv's has the same name.
function(is_fast_cpp_csv_parser result folder)
  file(STRINGS ${folder}/csv.h reader REGEX "class CSVReader" LIMIT_COUNT 1)
  if(NOT reader)
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()
find_path(FAST_CPP_CSV_PARSER_INCLUDE_DIR csv.h PATH_SUFFIXES libfccp VALIDATOR is_fast_cpp_csv_parser)
mark_as_advanced(FAST_CPP_CSV_PARSER_INCLUDE_DIR)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(FastCppCsvParser REQUIRED_VARS FAST_CPP_CSV_PARSER_INCLUDE_DIR)
if(FastCppCsvParser_FOUND AND NOT TARGET FastCppCsvParser::FastCppCsvParser)
  add_library(FastCppCsvParser::FastCppCsvParser INTERFACE IMPORTED)
  set_target_properties(FastCppCsvParser::FastCppCsvParser PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${FAST_CPP_CSV_PARSER_INCLUDE_DIR}")
endif()
