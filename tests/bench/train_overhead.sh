#!/usr/bin/env bash
# Training the autoencoders of a session's tastes on one core, validations and checkpoints as they are by default, no
# early stop: CPU seconds, which other programs disturb least, and the share of all that is not training steps (start-up,
# reading, validation, checkpoints, logs, writing). The time of a step is the difference between runs of many and of few
# steps that validate but once.
#   train_overhead.sh BIN_DIR SESSION [STEPS [ROUNDS]]   least of the rounds
set -euo pipefail
bin=${1:?folder of the programs}
session=${2:?the session}
steps=${3:-5000}
rounds=${4:-3}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-q --threads 1 -c "$here/../../configs/reference.toml" -o "$work/out" --set train.patience=0)

TIMEFORMAT='%U %S'
cpu_seconds() { # steps flags... : of train_rnn
  local count=$1
  shift
  { time taskset -c 0 "$bin/train_rnn" "${flags[@]}" --force --set "train.steps=$count" "$@" "$session" 2>"$work/log"; } \
    2>"$work/time" || { cat "$work/log" >&2; exit 1; }
  jq -Rn 'input | split(" ") | map(tonumber) | add' "$work/time"
}

"$bin/extract_bins" "${flags[@]}" "$session"
"$bin/reduce_pca" "${flags[@]}" "$session"
few=$((steps / 5))
for ((round = 0; round < rounds; ++round)); do
  cpu_seconds "$steps" >>"$work/whole"
  cpu_seconds "$steps" --set "train.validate_every=$steps" >>"$work/long"
  cpu_seconds "$few" --set "train.validate_every=$few" >>"$work/short"
done
jq -nr --slurpfile whole "$work/whole" --slurpfile long "$work/long" --slurpfile short "$work/short" \
  --argjson steps "$steps" --argjson few "$few" '
  ($whole | min) as $all | ((($long | min) - ($short | min)) / ($steps - $few) * $steps) as $training
  | "\($steps) steps: \($all * 100 | round / 100) s, everything but steps: \(($all - $training) / $all * 1000 | round / 10)%"'
