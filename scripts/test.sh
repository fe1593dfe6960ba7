#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test.
#   test.sh                all
#   test.sh -L unit ...    flags go to ctest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install_deps.sh --tests
scripts/install_workflow_tools.sh
echo "Building into build/dev"
cmake --preset dev
cmake --build --preset dev
ctest --preset dev -j2 "$@"
