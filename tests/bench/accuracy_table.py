"""The table of accuracy.sh for one set: accuracy_table.py SCORE_RATES.py TRUTH.h5 FOLDER_OF_RESULTS"""
import importlib.util
import sys
from pathlib import Path
from statistics import median

import h5py
import numpy as np

spec = importlib.util.spec_from_file_location("score_rates", sys.argv[1])
score_rates = importlib.util.module_from_spec(spec)
spec.loader.exec_module(score_rates)
name, out = Path(sys.argv[2]).stem, Path(sys.argv[3])
truth, condition, stim_ms = score_rates.load_truth(sys.argv[2])


def scored(rates_hz):
    return score_rates.score(rates_hz, truth, condition)


rows = {}
for preset in ["best", "reference"]:
    rows[preset] = [scored(score_rates.load_rates(str(out / f"{preset}.{seed}" / name / "rates.h5"), truth.shape,
                                                  condition, stim_ms)) for seed in range(3)]
with h5py.File(out / "best.0" / name / "rates.h5") as file:
    for method, rates_hz in file["baselines/region_all_taste_all"].items():
        rows[method] = [scored(rates_hz[:].astype(float))]

print(f"{name:<16} {'r2p':>6} {'r2n':>6} {'share':>7} {'single-trial':>12}   (median; of best and reference: least to greatest r2p)")
for method, scores in sorted(rows.items(), key=lambda row: -median(s["r2p"] for s in row[1])):
    of = {key: median(s[key] if s[key] is not None else np.nan for s in scores) for key in ["r2p", "r2n", "share", "resid"]}
    r2p = [s["r2p"] for s in scores]
    spread = f"   {min(r2p):.3f} to {max(r2p):.3f}" if len(r2p) > 1 else ""
    print(f"{method:<16} {of['r2p']:6.3f} {of['r2n']:6.3f} {of['share']:7.3f} {of['resid']:12.3f}{spread}")
