#!/usr/bin/env bash
# The same figures of one session by plot_rates and by matplotlib, in turn, on one core; then the default set with
# its page, on all cores. Seconds; the least of the rounds.
#   plots.sh BIN_DIR SESSION_OUT SESSION [ROUNDS]   SESSION_OUT: the folder of a session's results, made with -o
set -euo pipefail
bin=${1:?folder of the programs}
out=$(realpath "${2:?folder of the results of a session}")
session=${3:?the session}
rounds=${4:-3}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
same="plots.select=['losses','mean_rates','overview','mean_heat','latents','units','psth','unit_heat']"

seconds() { # command...
  local start
  start=$(date +%s.%N)
  "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
  jq -n "$(date +%s.%N) - $start"
}
least() { jq -s min; }

for format in png svg; do
  : >"$work/ours"; : >"$work/theirs"
  for ((round = 0; round < rounds; ++round)); do
    mkdir -p "$work/$format"
    seconds taskset -c 0 "$bin/plot_rates" -q --force --threads 1 -o "$(dirname "$out")" --format "$format" --set "$same" \
      --set plots.single_files=true "$session" >>"$work/ours"
    taskset -c 0 /usr/bin/python3 "$here/plots_matplotlib.py" "$out" "$work/$format" "$format" >"$work/said"
    cut -d' ' -f2 "$work/said" >>"$work/theirs"
  done
  ours=$(least <"$work/ours") theirs=$(least <"$work/theirs")
  printf '%s, %s figures, one core: plot_rates (with reading and its page) %.2f s, matplotlib (drawing alone) %.2f s: %.1f times\n' \
    "$format" "$(cut -d' ' -f1 "$work/said")" "$ours" "$theirs" "$(jq -n "$theirs / $ours")"
done
: >"$work/ours"
for ((round = 0; round < rounds; ++round)); do
  seconds "$bin/plot_rates" -q --force -o "$(dirname "$out")" "$session" >>"$work/ours"
done
printf 'default set with its page, all cores: %.2f s\n' "$(least <"$work/ours")"
