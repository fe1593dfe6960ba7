# Installs the charting library of package-lock.json with npm, and without --omit=dev in FLAGS what tests need.
#   cmake -D NPM=program -D PACKAGE=folder -D OUTPUT=file -D FLAGS=flags -P install_charts.cmake
cmake_path(GET OUTPUT PARENT_PATH folder)
file(COPY ${PACKAGE}/package.json ${PACKAGE}/package-lock.json DESTINATION ${folder})
# ci refuses whatever differs from the digests in the lock file.
execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund ${FLAGS} WORKING_DIRECTORY ${folder} TIMEOUT 300
                RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(failed)
  message(FATAL_ERROR "npm cannot install the charting library of report.html (${failed}).\n${said}\n"
                      "Without a network, configure with -DRNN_RATES_PAGES=OFF: report.html then shows static pictures.")
endif()
file(COPY_FILE ${folder}/node_modules/echarts/dist/echarts.min.js ${OUTPUT})
file(TOUCH ${OUTPUT})
