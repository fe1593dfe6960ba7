#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test.
#   test.sh                all
#   test.sh --quick        unit and cli tests, in less than a minute once all is built
#   test.sh --mpich ...    with MPICH in place of Open MPI (preset dev-mpich)
#   test.sh -L unit ...    other flags go to ctest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=dev
packages=(--tests)
tests=()
while [ $# -gt 0 ]; do
  case "$1" in
    --mpich) preset=dev-mpich; packages+=(--mpich) ;;
    --quick) tests=(-L '^(unit|cli)$') ;;
    *) break ;;
  esac
  shift
done
scripts/install_deps.sh "${packages[@]}"
if [ ${#tests[@]} -eq 0 ]; then scripts/install_workflow_tools.sh; fi
echo "Building into build/$preset"
cmake --preset $preset
cmake --build --preset $preset
ctest --preset $preset -j2 "${tests[@]}" "$@"
