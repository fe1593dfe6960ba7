# LibTorch, as TORCH_INCLUDE_DIRS and TORCH_LIBRARIES.
#
# PyTorch's wheel is built for CUDA, and its own CMake files want the CUDA toolkit with its compiler, which linking does
# not need: where LibTorch has a CUDA part, its headers and libraries are named here instead. Those of CPU builds may
# need others (Debian's: protobuf, glog), which their CMake files find.
cmake_path(CONVERT "$ENV{CMAKE_PREFIX_PATH}" TO_CMAKE_PATH_LIST torch_places)
find_path(RNN_RATES_TORCH_CMAKE TorchConfig.cmake HINTS ${Torch_DIR} ${CMAKE_PREFIX_PATH} ${torch_places}
          PATH_SUFFIXES Torch share/cmake/Torch NO_DEFAULT_PATH)
cmake_path(SET torch_prefix NORMALIZE "${RNN_RATES_TORCH_CMAKE}/../../..")
if(RNN_RATES_TORCH_CMAKE AND EXISTS ${torch_prefix}/lib/libtorch_cuda.so)
  message(STATUS "LibTorch with CUDA: ${torch_prefix}")
  set(TORCH_INCLUDE_DIRS ${torch_prefix}/include ${torch_prefix}/include/torch/csrc/api/include)
  # libtorch.so has no symbols, but brings libtorch_cuda.so, which makes itself known when it is loaded.
  set(TORCH_LIBRARIES -Wl,--no-as-needed ${torch_prefix}/lib/libtorch.so -Wl,--as-needed
      ${torch_prefix}/lib/libtorch_cpu.so ${torch_prefix}/lib/libc10.so)
else()
  rnn_rates_find(Torch PACKAGE "libtorch-dev libopenblas0-pthread")
endif()
