# Writes version.cpp, and leaves it as it is where nothing in it changed.
#   cmake -D GIT=program -D SOURCE=folder -D PROJECT_VERSION=number -D OUTPUT=file -P stamp_version.cmake

# How the repository of this folder answers: nothing where there is none, or where the folder lies within another's.
function(ask_git result)
  set(${result} "" PARENT_SCOPE)
  if(NOT GIT)
    return()
  endif()
  # Takes no lock, which a commit made meanwhile would trip over.
  execute_process(COMMAND ${GIT} --no-optional-locks ${ARGN} WORKING_DIRECTORY ${SOURCE} RESULT_VARIABLE failed
                  OUTPUT_VARIABLE answer OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT failed)
    set(${result} "${answer}" PARENT_SCOPE)
  endif()
endfunction()

set(RNN_RATES_GIT_COMMIT unknown)
ask_git(top rev-parse --show-toplevel)
file(REAL_PATH ${SOURCE} source)
if(top STREQUAL source)
  ask_git(commit describe --always --dirty --abbrev=12 --exclude=*)
  if(commit)
    set(RNN_RATES_GIT_COMMIT ${commit})
  endif()
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.cpp.in ${OUTPUT} @ONLY)
