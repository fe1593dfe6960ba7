#!/usr/bin/env bash
# Training step of the fused engine against PyTorch's, in turn on one core: medians, minima and ratios of medians.
#   bench_vs_torch.sh BENCH_STEP PEER_TORCH [ROUNDS]     BENCH_STEP: build/dev/bin/bench_step,
#                                                        PEER_TORCH: the Python recipe, called "step TRIALS COMPONENTS"
set -euo pipefail
bench=${1:?path of bench_step}
peer=${2:?path of peer_torch.py}
rounds=${3:-7}
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1

one_core() { taskset -c 0 "$@"; }
middle() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
least() { sort -g | head -n 1; }

measure() { # trials components isa
  local ours=() theirs=() i
  for ((i = 0; i < rounds; ++i)); do
    ours+=("$(one_core "$bench" fused "$3" "$1" "$2" | jq .step_ms)")
    theirs+=("$(one_core /usr/bin/python3 "$peer" step "$1" "$2" | jq .step_ms)")
  done
  local a b
  a=$(printf '%s\n' "${ours[@]}" | middle)
  b=$(printf '%s\n' "${theirs[@]}" | middle)
  printf '%-7s %-11s %-10s %9.3f %9.3f %10.2f %10.2f %7.1f\n' "$1" "$2" "$3" "$a" \
    "$(printf '%s\n' "${ours[@]}" | least)" "$b" "$(printf '%s\n' "${theirs[@]}" | least)" \
    "$(jq -n "$b / $a")"
}

printf '%-7s %-11s %-10s %9s %9s %10s %10s %7s\n' trials components isa "fused ms" least "PyTorch ms" least ratio
measure 22 30 best
measure 22 30 x86-64-v3
measure 90 51 best
