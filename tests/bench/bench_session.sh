#!/usr/bin/env bash
# A whole session on one core: our five stages against the Python recipe's binning, PCA, training and prediction (it
# draws nothing here). Wall seconds.
#   bench_session.sh BIN_DIR PEER_TORCH SESSION.h5 STEPS [FLAGS...]   PEER_TORCH run SESSION OUT --steps STEPS
set -euo pipefail
bin=${1:?folder of the programs}
peer=${2:?path of peer_torch.py}
session=${3:?a session .h5}
steps=${4:?training steps}
shift 4
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

seconds() { # command...
  local start end
  start=$(date +%s.%N)
  taskset -c 0 "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
  end=$(date +%s.%N)
  jq -n "$end - $start"
}

total=0
for stage in extract_bins reduce_pca train_rnn infer_write plot_rates; do
  took=$(seconds "$bin/$stage" -q --threads 1 -o "$work/out" --set "train.steps=$steps" "$@" "$session")
  printf '%-14s %8.2f s\n' "$stage" "$took"
  total=$(jq -n "$total + $took")
done
printf '%-14s %8.2f s\n' "all five" "$total"
python=$(seconds /usr/bin/python3 "$peer" run "$session" "$work/out.npy" --steps "$steps")
printf '%-14s %8.2f s   %.1f times ours\n' "PyTorch recipe" "$python" "$(jq -n "$python / $total")"
