#!/usr/bin/env bash
# How close inferred rates come to the true ones, on the simulated sessions of ../shared/data/truth:
#   accuracy.sh [SET...]      for the presets best and reference with three seeds each, and for all baselines
# One line a method: medians over seeds of score_rates.py's figures. Programs are taken from $RNN_RATES_BIN.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=${RNN_RATES_BIN:-$root/build/release/bin}
shared=${RNN_RATES_SHARED:-$root/../shared}
[ -d "$shared/data/truth" ] || { echo "accuracy.sh: no $shared/data/truth" >&2; exit 77; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sets=("$@")
[ $# -gt 0 ] || sets=(taste_poisson taste_gamma lorenz chaotic)

for set in "${sets[@]}"; do
  truth=$shared/data/truth/$set.h5
  read -r length_ms stim_ms < <(/usr/bin/python3 -c "
import h5py, sys
trains = h5py.File(sys.argv[1])['spike_trains']
print(next(iter(trains.values()))['spike_array'].shape[2], int(trains.attrs['stim_ms']))" "$truth")
  for preset in best reference; do
    for seed in 0 1 2; do
      flags=(-q -c "$root/configs/$preset.toml" -o "$out/$preset.$seed" --set "time_lims_ms=[0, $length_ms]"
        --set "stim_ms=$stim_ms" --set "seed=$seed")
      [ "$preset.$seed" != best.0 ] || flags+=(--set infer.baselines=true)
      for stage in extract_bins reduce_pca train_rnn infer_write; do "$bin/$stage" "${flags[@]}" "$truth"; done
    done
  done
  /usr/bin/python3 "$root/tests/bench/accuracy_table.py" "$shared/tools/score_rates.py" "$truth" "$out"
done
