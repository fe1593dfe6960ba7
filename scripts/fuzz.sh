#!/usr/bin/env bash
# Fuzzes the readers of settings, lists of sessions, sessions and artifacts, with the address and undefined-behaviour
# sanitizers, starting from the tests' inputs.
#   fuzz.sh [SECONDS] [TARGET...]     60 s each of: config manifest session session_info artifact
# Inputs that crash are kept in build/fuzz/findings/, what was learnt in build/fuzz/corpus/. The exit code is 1 if there
# was a finding. HDF5 itself is not built with sanitizers: a crash inside it counts as a finding all the same.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(config manifest session session_info artifact)

if [ ! -x build/dev/bin/infer_write ]; then
  echo "fuzz.sh: build the preset dev first: its programs make the inputs to start from" >&2
  exit 2
fi
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
RNN_RATES_BIN=$PWD/build/dev/bin RNN_RATES_SOURCE=$PWD PYTHONPATH=tests/support \
  /usr/bin/python3 tests/fuzz/make_corpus.py build/fuzz/seeds

# HDF5 asks for what a damaged header declares and copes with not getting it.
export ASAN_OPTIONS=allocator_may_return_null=1:quarantine_size_mb=32
export UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS=suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0
found=0
for target in "${targets[@]}"; do
  mkdir -p "build/fuzz/corpus/$target" "build/fuzz/findings/$target"
  echo "Fuzzing $target for $seconds s"
  log=build/fuzz/$target.log
  if ! "build/fuzz/bin/fuzz_$target" -fork=1 -ignore_crashes=1 -ignore_ooms=1 -ignore_timeouts=1 \
       -max_total_time="$seconds" -rss_limit_mb=4096 -malloc_limit_mb=-1 -timeout=30 -max_len=131072 -print_final_stats=1 \
       -artifact_prefix="build/fuzz/findings/$target/" "build/fuzz/corpus/$target" "build/fuzz/seeds/$target" \
       >"$log" 2>&1; then
    tail -20 "$log"
    found=1
  fi
  grep -E '^#[0-9]+:' "$log" | tail -1
done
left=$(find build/fuzz/findings -type f | wc -l)
if [ "$left" -gt 0 ] || [ "$found" -ne 0 ]; then
  echo "fuzz.sh: findings:" >&2
  find build/fuzz/findings -type f >&2
  exit 1
fi
