# Targets: one static library per lib/ folder, one program per stages/ folder, one test program per tests/unit folder.
# A folder's .cpp files are its sources, so that adding a file needs no edit here.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Libraries that are not the system's (modules, conda, a wheel of PyTorch) are found by installed programs too.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
# In the place of CMake's own default; all else is the user's. Debug information holds lines only.
if(CMAKE_CXX_FLAGS_RELWITHDEBINFO STREQUAL "-O2 -g -DNDEBUG")
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O3 -g1")
  if(NOT RNN_RATES_ASSERTIONS)
    string(APPEND CMAKE_CXX_FLAGS_RELWITHDEBINFO " -DNDEBUG")
  endif()
endif()

# Designated initializers leave out what keeps its default, so GCC's missing-field warning has nothing to say.
# GCC 12 sees overflows in fmt 9's buffers where there are none.
add_library(rnn_rates_warnings INTERFACE)
target_compile_options(rnn_rates_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wno-missing-field-initializers -Wno-stringop-overflow
  -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  $<$<BOOL:${RNN_RATES_WERROR}>:-Werror>)

# rnn_rates_library(NAME DEPENDS public libraries... PRIVATE private libraries...)
function(rnn_rates_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  add_library(${name} STATIC ${sources})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME rnn_rates_${name})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/lib ${PROJECT_BINARY_DIR}/lib)
  target_link_libraries(${name} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE} rnn_rates_warnings)
endfunction()

# rnn_rates_stage(NAME libraries...): bin/NAME, and the library NAME_stage of all but its main.cpp, for tests
function(rnn_rates_stage name)
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  list(FILTER sources EXCLUDE REGEX "/main.cpp$")
  add_library(${name}_stage STATIC ${sources})
  target_include_directories(${name}_stage PUBLIC ${PROJECT_SOURCE_DIR}/stages)
  target_link_libraries(${name}_stage PUBLIC ${ARGN} cli PRIVATE rnn_rates_warnings)
  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE ${name}_stage rnn_rates_warnings)
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT programs)
endfunction()
