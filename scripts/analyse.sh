#!/usr/bin/env bash
# Runs clang-tidy (with the checks of .clang-tidy) and cppcheck over lib/ and stages/; fails where either finds anything.
#   analyse.sh [BUILD_FOLDER] [FILE...]     build/dev; all files that it compiles
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=${1:-build/dev}
shift || true
if [ ! -f "$build/compile_commands.json" ]; then
  echo "analyse.sh: $build has no compile_commands.json: run cmake --preset dev first" >&2
  exit 2
fi
files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  mapfile -t files < <(find lib stages -name '*.cpp' | sort)
fi

found=0
echo "clang-tidy: ${#files[@]} files"
# -Wno...: options of GCC that the compile commands have and clang does not know.
printf '%s\0' "${files[@]}" |
  xargs -0 -n 4 -P "$(nproc)" clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option \
    --extra-arg=-Wno-unknown-pragmas 2>/dev/null || found=1

echo "cppcheck"
cppcheck --quiet --std=c++20 --language=c++ --enable=warning,performance,portability --inline-suppr \
  --error-exitcode=1 --suppressions-list=.cppcheck -I lib -I stages -j "$(nproc)" "${files[@]}" || found=1

if [ "$found" -ne 0 ]; then
  echo "analyse.sh: findings above" >&2
  exit 1
fi
