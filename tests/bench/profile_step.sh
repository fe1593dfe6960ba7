#!/usr/bin/env bash
# Where a training step of the autoencoder spends its time on one core, by sampling with perf (Debian: linux-perf).
#   profile_step.sh BENCH_STEP [TRIALS COMPONENTS [ISA]]
set -euo pipefail
bench=${1:?path of bench_step}
trials=${2:-22}
components=${3:-30}
isa=${4:-best}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

taskset -c 0 perf record -q -e cpu-clock -F 8000 -o "$work/samples" "$bench" fused "$isa" "$trials" "$components" >&2
perf report -i "$work/samples" --no-children --stdio --fields overhead,sym 2>/dev/null | awk '
  !/%/ || !/rnn::fused/ { next }
  { part = "rest: transposed weights, sums of gradients, Adam" }
  /::outer_product/ { part = "gradients of weights (outer products)" }
  /recurrence_forward/ { part = "recurrence, forward" }
  /recurrence_backward/ { part = "recurrence, backward" }
  /dropout_row|draw_dropout/ { part = "dropout (Philox)" }
  /::encode/ { part = "encoder, forward" }
  /::decode/ { part = "decoder, forward and backward" }
  /encoder_backward/ { part = "encoder, backward" }
  { sum[part] += $1; all += $1 }
  END { for (part in sum) printf "%5.1f%%  %s\n", 100 * sum[part] / all, part }' | sort -rn
