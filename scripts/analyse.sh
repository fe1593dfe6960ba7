#!/usr/bin/env bash
# Runs clang-tidy (with the checks of .clang-tidy) and cppcheck over lib/ and stages/; fails where either finds anything.
#   analyse.sh [BUILD_FOLDER] [FILE...]     build/dev; all files that it compiles
#
# Most of clang-tidy's time goes into the headers of libraries, so the files of a folder are given to it as one, or, where
# two of them have a helper of the same name, in two halves, and so on.
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
units=$build/analyse
rm -rf "$units"
mkdir -p "$units"
export units

# tidy_together FLAGS FILE...
tidy_together() {
  local flags unit more=() half=$((($# - 1) / 2))
  # Compiler's warnings are the preset dev's business.
  read -ra flags <<<"$1 -w"
  shift
  if [ $# -eq 1 ]; then
    unit=$1
  else
    unit=$(mktemp "$units/XXXXXX.cpp")
    printf "#include \"$PWD/%s\"\n" "$@" >"$unit"
    more=(--checks=-bugprone-suspicious-include)
    if ! clang++ "${flags[@]}" -fsyntax-only "$unit" 2>/dev/null; then
      local failed=0
      tidy_together "${flags[*]}" "${@:1:half}" || failed=1
      tidy_together "${flags[*]}" "${@:half+1}" || failed=1
      return $failed
    fi
  fi
  clang-tidy --quiet "${more[@]}" "$unit" -- "${flags[@]}" 2>/dev/null
}
tidy_line() {
  local one
  IFS=$'\t' read -ra one <<<"$1"
  tidy_together "${one[@]}"
}
export -f tidy_together tidy_line

# LibTorch 1.13's headers are no C++20 to clang 14, so what includes them is left to cppcheck.
# A line for each set of files of one folder that are compiled alike: the flags, then the files, between tabs.
together() {
  printf '%s\n' "${files[@]}" | jq -Rr --arg root "$PWD/" --slurpfile all "$build/compile_commands.json" -n '
    ($all[0] | reverse | map({key: (.file | ltrimstr($root)), value: .}) | from_entries) as $commands
    | [inputs | select($commands[.] and (startswith("lib/rnn/torch/") | not)) | {file: ., folder: (split("/")[:-1] | join("/")),
        flags: ($commands[.].command | gsub(" -o .*"; "") | gsub("\\\\\""; "\"") | sub("^([^ ]*ccache )?[^ ]+ "; ""))}]
    | group_by([.folder, .flags])[] | [.[0].flags, .[].file] | @tsv'
}

found=0
echo "clang-tidy: ${#files[@]} files"
# shellcheck disable=SC2016 # The inner bash expands it.
together | tr '\n' '\0' | xargs -0 -n 1 -P "$(nproc)" bash -c 'tidy_line "$1"' - || found=1

echo "cppcheck"
cppcheck --quiet --std=c++20 --language=c++ --enable=warning,performance,portability --inline-suppr --library=scripts/cppcheck.cfg \
  --error-exitcode=1 --suppressions-list=.cppcheck -I lib -I stages -j "$(nproc)" "${files[@]}" || found=1

if [ "$found" -ne 0 ]; then
  echo "analyse.sh: findings above" >&2
  exit 1
fi
