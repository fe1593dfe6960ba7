#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test.
#   test.sh                all
#   test.sh --mpich ...    with MPICH in place of Open MPI (preset dev-mpich)
#   test.sh -L unit ...    other flags go to ctest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=dev
packages=(--tests)
if [ "${1:-}" = --mpich ]; then
  preset=dev-mpich
  packages+=(--mpich)
  shift
fi
scripts/install_deps.sh "${packages[@]}"
scripts/install_workflow_tools.sh
echo "Building into build/$preset"
cmake --preset $preset
cmake --build --preset $preset
ctest --preset $preset -j2 "$@"
