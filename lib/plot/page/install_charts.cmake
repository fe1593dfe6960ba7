# Installs the charting library of package-lock.json into the build folder with npm, once a lock file, and sets
# RNN_RATES_CHARTS_JS. Where there is no npm or no network, that is an empty file: pages then show static pictures.

set(charts_folder ${CMAKE_CURRENT_BINARY_DIR}/charts)
set(charts_js ${charts_folder}/node_modules/echarts/dist/echarts.min.js)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS page/package.json page/package-lock.json)
file(SHA256 ${CMAKE_CURRENT_SOURCE_DIR}/page/package-lock.json lock_digest)
if(NOT EXISTS ${charts_js} OR NOT "${RNN_RATES_CHARTS_LOCK}" STREQUAL lock_digest)
  file(COPY page/package.json page/package-lock.json DESTINATION ${charts_folder})
  find_program(RNN_RATES_NPM npm DOC "Installs the charting library of report.html")
  set(npm_result "npm was not found")
  if(RNN_RATES_NPM)
    # ci refuses whatever differs from the digests in the lock file.
    execute_process(COMMAND ${RNN_RATES_NPM} ci --ignore-scripts --no-audit --no-fund
                    WORKING_DIRECTORY ${charts_folder} TIMEOUT 300
                    RESULT_VARIABLE npm_result OUTPUT_QUIET ERROR_VARIABLE npm_words)
  endif()
  if(npm_result EQUAL 0 AND EXISTS ${charts_js})
    set(RNN_RATES_CHARTS_LOCK ${lock_digest} CACHE INTERNAL "Lock file that the charting library was installed from")
  else()
    message(WARNING "No charting library (${npm_result}): report.html will show static pictures. "
                    "Install npm and configure again for interactive ones.\n${npm_words}")
  endif()
endif()
if(EXISTS ${charts_js})
  set(RNN_RATES_CHARTS_JS ${charts_js})
else()
  set(RNN_RATES_CHARTS_JS ${CMAKE_CURRENT_BINARY_DIR}/no_charts.js)
  file(WRITE ${RNN_RATES_CHARTS_JS} "")
endif()
