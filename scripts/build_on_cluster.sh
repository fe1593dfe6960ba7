#!/usr/bin/env bash
# Builds with the libraries of a cluster's environment modules, whose names slurm/env.sh has, and installs.
#   RNN_RATES_MODULES="gcc openmpi hdf5 pytorch" build_on_cluster.sh PREFIX [CMake options...]
# Jobs then find the programs by RNN_RATES_BIN=PREFIX/bin, and load the same modules. Modules that name their folders in
# CMAKE_PREFIX_PATH, or put mpicc and h5pcc on the PATH, need nothing else; others take -DCMAKE_PREFIX_PATH=A;B. With npm
# and a network, -DRNN_RATES_PAGES=ON makes report.html interactive; -DRNN_RATES_WITH_TORCH=OFF does without LibTorch.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

prefix=${1:-}
case "$prefix" in
  "" | -*) echo "usage: build_on_cluster.sh PREFIX [CMake options...]" >&2; exit 2 ;;
esac
shift
# shellcheck source=slurm/env.sh
source slurm/env.sh
cmake --preset cluster "$@"
cmake --build --preset cluster -j "$(nproc)"
cmake --install build/cluster --prefix "$prefix"
