#!/usr/bin/env bash
# How the programs scale on this machine: fits per hour on 1 and 2 ranks, tasks that rank 0 hands out a second, an
# up-to-date run over many sessions, and the simulation of a cluster fed with the times measured.
#   scaling.sh BIN_DIR [SESSIONS [PLOT.png]]    SESSIONS small ones are looked at again (1000)
set -euo pipefail
bin=$(realpath "${1:?folder of the programs}")
many=${2:-1000}
plot=${3:+--plot=$3}
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
  PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
export PYTHONPATH=$here/../support RNN_RATES_BIN=$bin RNN_RATES_SOURCE=$here/../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

timed() { # file for stdout, command...; sets `took`
  local out=$1 start end
  shift
  start=$(date +%s.%N)
  "$@" >"$out" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
  end=$(date +%s.%N)
  took=$(jq -n "$end - $start")
}

for ((i = 0; i < 6; ++i)); do
  "$bin/extract_bins" -q --simulate "$work/train/s$i" --set "seed=$i" 2>"$work/log"
done
"$bin/extract_bins" -q "$work/train/s*"
"$bin/reduce_pca" -q "$work/train/s*"
train=("$bin/train_rnn" -q --json --force --threads 1 "$work/train/s*")
echo "Training of $("$bin/train_rnn" -q -n "${train[@]:3}" | head -n 1), one thread a rank"
timed "$work/one.json" "${train[@]}"
one=$took
timed "$work/two.json" mpirun -n 2 "${train[@]}"
fits=$(jq '[.sessions[].parts | length] | add' "$work/one.json")
printf '  1 rank   %8.1f s %8.0f fits/h\n' "$one" "$(jq -n "3600 * $fits / $one")"
printf '  2 ranks  %8.1f s %8.0f fits/h   efficiency %.1f%%\n' "$took" "$(jq -n "3600 * $fits / $took")" \
  "$(jq -n "50 * $one / $took")"
jq -r '.ranks[] | "  rank \(.rank): \(.tasks) fits, idle \(1000 * .idle | round / 10)%, \(.peak_memory_bytes / 1e5 | round / 10) MB"' \
  "$work/two.json"

echo "Tasks of no length on 4 ranks"
mpirun -n 4 "$bin/bench_queue" | sed 's/^/  /'

echo "Up-to-date run over $many sessions, ms a session"
/usr/bin/python3 -c "import small_session, sys; small_session.write(sys.argv[1])" \
  "$work/many/s0"
mapfile -t flags < <(/usr/bin/python3 -c "import small_session; print('\n'.join(small_session.flags()))")
stages=(extract_bins reduce_pca train_rnn infer_write plot_rates)
for stage in "${stages[@]}"; do "$bin/$stage" -q "${flags[@]}" "$work/many/s0"; done
for ((i = 1; i < many; ++i)); do
  cp -a "$work/many/s0" "$work/many/s$i"
  for end in h5 info; do mv "$work/many/s$i/s0.$end" "$work/many/s$i/s$i.$end"; done
done
for stage in "${stages[@]}"; do
  "$bin/$stage" -q "${flags[@]}" "$work/many/s*" # extract_bins notes the new names
  timed "$work/again.json" "$bin/$stage" -q --json "${flags[@]}" "$work/many/s*"
  todo=$(jq '[.sessions[].outputs[] | select(.status != "up to date")] | length' "$work/again.json")
  printf '  %-14s %6.2f   (%s files not up to date)\n' "$stage" "$(jq -n "1000 * $took / $many")" "$todo"
done

echo "Simulated cluster"
/usr/bin/python3 "$here/simulate_cluster.py" "$work/one.json" ${plot:+"$plot"} | sed 's/^/  /'
