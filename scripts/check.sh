#!/usr/bin/env bash
# The checks that come on top of scripts/test.sh, after which it is called.
#   check.sh [commits] [format] [sanitize] [analyse] [fuzz]     all of them without arguments
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Left out under the sanitizers:
#   best, interrupted, kill              train or start programs too often for code that is many times slower; the same code
#                                        runs in unit_rnn*, resume, chop, vanished_folder
#   leak, observed, overlapping_trials, resume, laser_input, publish_safely, figures   whole trainings too, or dozens of runs
#   stop, stop_within_session, lock      wait for moments of work at its usual speed
#   page, page_views, readme, recipes    a browser, the commands of the documents, package recipes
#   include_rule, shellcheck, fuzz_report   read source, start no program of ours
#   isa                                  reads the kernels' objects as they are in use, and trains long
#   memory                               measures it, and the sanitizers take their own
#   system_limits, chaos                 take files and memory away that the sanitizers need too
#   hdf5_crash                           what it waits for, the sanitizers report first
#   install, quickstart, build_options   build the project themselves, without sanitizers
without='_(best|interrupted|kill|leak|observed|overlapping_trials|resume|laser_input|publish_safely|figures|stop|stop_within_session|lock|page|page_views|readme|recipes|include_rule|shellcheck|fuzz_report|memory|system_limits|chaos|hdf5_crash|install|quickstart|build_options|isa)_test$'

# Subjects of commits have at most 72 characters; many of those up to this one have more.
commits() {
  local since=535d555ab34a long
  if ! git merge-base --is-ancestor "$since" HEAD 2>/dev/null; then
    echo "check.sh: commits is skipped: the history is not here"
    return
  fi
  long=$(git log --format='%h %s' "$since.." | awk 'length($0) - index($0, " ") > 72')
  if [ -n "$long" ]; then
    printf 'check.sh: subjects of more than 72 characters:\n%s\n' "$long" >&2
    return 1
  fi
}
# Versions of clang-format differ in what they make of the same settings.
format() {
  if clang-format --version | grep -q 'version 14\.'; then
    find lib stages tests -name '*.[ch]pp' -print0 | xargs -0 clang-format --dry-run --Werror
  else
    echo "check.sh: format is skipped: it takes clang-format 14"
  fi
}
sanitize() {
  echo "Building into build/asan"
  cmake --preset asan -DCMAKE_UNITY_BUILD=ON
  cmake --build --preset asan -j "$(nproc)" || {
    echo "check.sh: building each file alone, in case that some cannot be compiled together (cmake/RnnRatesUnity.cmake)" >&2
    cmake --preset asan -DCMAKE_UNITY_BUILD=OFF
    cmake --build --preset asan -j "$(nproc)"
  }
  ctest --preset asan -j 2 -L '^(unit|cli|integration)$' -E "$without"
}
analyse() { bash scripts/analyse.sh build/dev; }
fuzz() { bash scripts/fuzz.sh 40; }

[ $# -gt 0 ] || set -- commits format sanitize analyse fuzz
for check in "$@"; do
  case "$check" in
    commits | format | sanitize | analyse | fuzz) "$check" ;;
    *) echo "usage: check.sh [commits] [format] [sanitize] [analyse] [fuzz]" >&2; exit 2 ;;
  esac
done
