#!/usr/bin/env bash
# From nothing to pictures: installs what is missing, builds, and runs all five stages.
#   quickstart.sh                 on a simulated session with known rates, in ./rnn_rates_demo
#   quickstart.sh SESSION         on a blech_clust session folder, an .h5 (docs/own_recording.md) or an .nwb file
#   quickstart.sh SESSION -c my.toml --set bin_ms=50 ...    with flags for all five stages
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

"$root/scripts/install_deps.sh"
echo "Building into $root/build/release"
log=$root/build/quickstart.log
mkdir -p "$root/build"
(cd "$root" && cmake --preset release && cmake --build --preset release) >"$log" 2>&1 || {
  tail -n 40 "$log" >&2
  echo "The build failed; all of its output is in $log" >&2
  exit 1
}
rm -f "$log"
bin=$root/build/release/bin

if [ $# -eq 0 ]; then
  session=$PWD/rnn_rates_demo
  flags=()
  [ -d "$session" ] || "$bin/extract_bins" "${flags[@]}" --simulate "$session"
else
  session=$1
  shift
  flags=("$@")
fi

for stage in extract_bins reduce_pca train_rnn; do
  "$bin/$stage" "${flags[@]}" "$session"
done
report=$("$bin/infer_write" "${flags[@]}" --json "$session")
out=$(dirname "$(jq -r '.sessions[0].outputs[0].path' <<<"$report")")
"$bin/plot_rates" "${flags[@]}" "$session"

echo
jq -r '.sessions[0].verdicts[] | "Verdict:  \(.verdict): \(.why)"' <<<"$report"
echo "Rates:    $out/rates.h5"
echo "Page:     $out/report.html"
echo "Pictures: $out/plots/"
jq -r '.sessions[0].metrics.session // empty
  | "How much of the true single-trial rates was recovered (R2; 1 is all):",
    (to_entries | sort_by(-.value)[] | "  \(.key | ltrimstr("true_r2_"))\t\(.value * 100 | round / 100)")' \
  <<<"$report"
