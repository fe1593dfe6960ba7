#!/usr/bin/env bash
# How the programs scale on this machine, as docs/at_scale.md tells.
#   scaling.sh BIN_DIR [PART...]     all parts, with 1000 sessions, where none is named
#     train            fits per hour on 1 and 2 ranks, memory of a rank, against the dry run's estimate
#     queue            tasks that rank 0 hands out a second on 4 ranks
#     again SESSIONS   an up-to-date run over so many small sessions, ms a session and stage
#     calls            calls on file names, a fit and an up-to-date session (needs strace)
#     cluster [PLOT]   the simulation of a cluster fed with what train, queue and calls found
# Parts may run one by one: what they find is kept in $RNN_RATES_SCALING (build/scaling). RNN_RATES_TIMED_UNDER is a
# command to run what is timed under, such as "chrt -r 10" where others use the machine.
set -euo pipefail
bin=$(realpath "${1:?folder of the programs}")
shift
[ $# -gt 0 ] || set -- train queue again 1000 calls cluster
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
found=${RNN_RATES_SCALING:-$here/../../build/scaling}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
  PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
export PYTHONPATH=$here/../support RNN_RATES_BIN=$bin RNN_RATES_SOURCE=$here/../..
stages=(extract_bins reduce_pca train_rnn infer_write plot_rates)
read -r -a under <<<"${RNN_RATES_TIMED_UNDER:-}"
mkdir -p "$found"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

timed() { # file for stdout, command...; sets `took`
  local out=$1 start end
  shift
  start=$(date +%s.%N)
  "${under[@]}" "$@" >"$out" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
  end=$(date +%s.%N)
  took=$(jq -n "$end - $start")
}

per_hour() { jq -rn "3600 * $fits / $1 | round"; }

measure_train() {
  local train one
  # Six sessions of unequal size: 10 to 60 units, 15 to 40 trials of each of four tastes.
  /usr/bin/python3 - "$work/train" <<'PYTHON'
import sys, small_session
for i, (units, trials) in enumerate([(10, 40), (20, 15), (30, 25), (40, 30), (50, 20), (60, 35)]):
    spikes = small_session.draw_spikes(trials=4 * (trials,), units=units, length_ms=5000, seed=i)
    small_session.write(f"{sys.argv[1]}/s{i}", spikes, info=False, descriptor=False)
PYTHON
  "$bin/extract_bins" -q "$work/train/s*"
  "$bin/reduce_pca" -q "$work/train/s*"
  train=("$bin/train_rnn" -q --json --force --threads 1 "$work/train/s*")
  echo "Training with the default settings, one thread a rank. The dry run expects:"
  "$bin/train_rnn" -q -n --threads 1 "$work/train/s*" | sed -n '1,4s/^ */  /p'
  timed "$found/one.json" "${train[@]}"
  one=$took
  timed "$found/two.json" mpirun -n 2 "${train[@]}"
  fits=$(jq '[.sessions[].parts | length] | add' "$found/one.json")
  printf '  1 rank   %6.1f s %7s fits/h, %.4f core-hours\n' "$one" "$(per_hour "$one")" "$(jq -n "$one / 3600")"
  printf '  2 ranks  %6.1f s %7s fits/h, efficiency %.1f%%\n' "$took" "$(per_hour "$took")" \
    "$(jq -n "50 * $one / $took")"
  jq -r '.ranks[] | "  rank \(.rank): \(.tasks) fits, idle \(1000 * .idle | round / 10)%, \(.peak_memory_bytes / 1e5 | round / 10) MB"' \
    "$found/two.json"
}

measure_queue() {
  echo "Tasks of no length on 4 ranks"
  "${under[@]}" mpirun -n 4 "$bin/bench_queue" | tee "$found/queue.json" | sed 's/^/  /'
}

make_small() { # number of small sessions, in $work/many
  local i end
  /usr/bin/python3 -c "import small_session, sys; small_session.write(sys.argv[1])" "$work/many/s0"
  mapfile -t flags < <(/usr/bin/python3 -c "import small_session; print('\n'.join(small_session.flags()))")
  for stage in "${stages[@]}"; do "$bin/$stage" -q "${flags[@]}" "$work/many/s0"; done
  for ((i = 1; i < $1; ++i)); do
    cp -a "$work/many/s0" "$work/many/s$i"
    for end in h5 info; do mv "$work/many/s$i/s0.$end" "$work/many/s$i/s$i.$end"; done
  done
  # extract_bins notes the new names, plot_rates the neighbours.
  for stage in "${stages[@]}"; do "$bin/$stage" -q "${flags[@]}" "$work/many/s*"; done
}

measure_again() {
  local many=$1 todo
  make_small "$many"
  echo "Up-to-date run over $many sessions, ms a session"
  for stage in "${stages[@]}"; do
    timed "$work/again.json" "$bin/$stage" -q --json "${flags[@]}" "$work/many/s*"
    todo=$(jq '[.sessions[].outputs[] | select(.status != "up to date")] | length' "$work/again.json")
    printf '  %-14s %6.2f   (%s files not up to date)\n' "$stage" "$(jq -n "1000 * $took / $many")" "$todo"
  done
}

calls() { # stage, flags...: calls on file names
  strace -f -qq -e trace=%file -o "$work/strace" "$bin/$1" -q "${flags[@]}" "${@:2}" 2>"$work/log"
  wc -l <"$work/strace"
}

# What each of ten more sessions adds.
calls_more() { # stage, flags..., divisor
  local divisor=${*: -1} few many
  few=$(calls "${@:1:$#-1}" "$work/many/s?")
  many=$(calls "${@:1:$#-1}" "$work/many/s?" "$work/many/s1?")
  jq -n "($many - $few) / $divisor * 10 | round / 10"
}

measure_calls() {
  make_small 20
  echo "Calls on file names, of an up-to-date session"
  for stage in "${stages[@]}"; do printf '  %-14s %6s\n' "$stage" "$(calls_more "$stage" 10)"; done
  # Each small session has two fits.
  calls_more train_rnn --force --threads 1 20 >"$found/calls"
  printf '  of a new fit    %s\n' "$(cat "$found/calls")"
}

simulate() {
  echo "Simulated cluster"
  /usr/bin/python3 "$here/simulate_cluster.py" "$found/one.json" --name-calls "$(cat "$found/calls")" \
    --service-us "$(jq .us_per_task "$found/queue.json")" ${1:+--plot "$1"} | sed 's/^/  /'
}

while [ $# -gt 0 ]; do
  case $1 in
    train) measure_train ;;
    queue) measure_queue ;;
    again) measure_again "${2:?number of sessions}"; shift ;;
    calls) measure_calls ;;
    cluster) simulate "${2:-}"; shift $(($# > 1)) ;;
    *) echo "scaling.sh: unknown part '$1'" >&2; exit 2 ;;
  esac
  shift
done
