#!/usr/bin/env bash
# Fuzzes the readers of settings, lists of sessions, sessions and artifacts, with the address and undefined-behaviour
# sanitizers, starting from the tests' inputs.
#   fuzz.sh [SECONDS] [TARGET...]     60 s each of: config manifest session session_info artifact
# As many targets run at a time as there are cores. What was learnt is kept in build/fuzz/corpus/. Inputs that crash, hang
# or take too much memory, and do so again when tried alone, are kept in build/fuzz/findings/, and the exit code is 1 if
# there are any; where it is HDF5 that does so (tests/fuzz/inside_hdf5.py), in build/fuzz/hdf5/, which is said.
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
export seconds
limits="-rss_limit_mb=4096 -malloc_limit_mb=-1 -timeout=30"
# Where memory ran out, who asks for a gigabyte at a time; the report of the first limit does not tell if it is gone again.
who_asks="-rss_limit_mb=0 -malloc_limit_mb=1024 -timeout=30"
export limits

fuzz() {
  local target=$1 log=build/fuzz/$1.log
  mkdir -p "build/fuzz/corpus/$target" "build/fuzz/findings/$target"
  # shellcheck disable=SC2086 # $limits holds several words.
  "build/fuzz/bin/fuzz_$target" -fork=1 -ignore_crashes=1 -ignore_ooms=1 -ignore_timeouts=1 $limits \
    -max_total_time="$seconds" -max_len=131072 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/findings/$target/" "build/fuzz/corpus/$target" "build/fuzz/seeds/$target" \
    >"$log" 2>&1 || true
  # It ends with 1 where its last input was a finding, which is tried again below, as where it could not start.
  if ! grep -q '^INFO: exiting:' "$log"; then
    tail -20 "$log"
    return 1
  fi
  echo "fuzzed $target for $seconds s: $(grep -E '^#[0-9]+:' "$log" | tail -1)"
}
export -f fuzz

# Tries an input alone; returns 0 where it fails again by our fault.
fails_again() {
  local target=$1 input=$2 report=build/fuzz/report.log
  # shellcheck disable=SC2086
  if "build/fuzz/bin/fuzz_$target" $limits "$input" >"$report" 2>&1; then
    rm "$input"
    return 1
  fi
  if grep -q 'ERROR: libFuzzer: out-of-memory' "$report" && ! python3 tests/fuzz/inside_hdf5.py <"$report"; then
    # shellcheck disable=SC2086
    "build/fuzz/bin/fuzz_$target" $who_asks "$input" >"$report.who" 2>&1 || mv "$report.who" "$report"
  fi
  if python3 tests/fuzz/inside_hdf5.py <"$report"; then
    mkdir -p "build/fuzz/hdf5/$target"
    mv "$input" "build/fuzz/hdf5/$target/"
    echo "HDF5 itself fails: build/fuzz/hdf5/$target/$(basename "$input"): $(grep -m1 -o 'ERROR: .*' "$report")"
    return 1
  fi
  echo "finding: $input: $(grep -m1 -oE 'ERROR: .*|runtime error: .*' "$report" || true)"
}

failed=0
# shellcheck disable=SC2016 # The inner bash expands it.
printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'fuzz "$1"' - || failed=1
for target in "${targets[@]}"; do
  for input in build/fuzz/findings/"$target"/*; do
    if [ -f "$input" ] && fails_again "$target" "$input"; then failed=1; fi
  done
done
if [ "$failed" -ne 0 ]; then
  echo "fuzz.sh: failed, see above" >&2
  exit 1
fi
