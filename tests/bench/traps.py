#!/usr/bin/python3
"""The table of docs/what_rates_can_tell.md: what analyses find in rates made in several ways, and in the truth.

    RNN_RATES_BIN=build/release/bin traps.py SEED...

Sessions are simulated; each row is the mean over them. Two of them side by side are two regions that share the stimulus alone."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
os.environ.setdefault("RNN_RATES_BIN", str(ROOT / "build/release/bin"))
os.environ.setdefault("RNN_RATES_SOURCE", str(ROOT))
import small_session

WAYS = {"default": [], "with the condition's average": ["--set", 'infer.combine_with=["gpfa","gaussian","condition_average"]'],
        "one network per taste": ["--set", "fits.separate_tastes=true"], "causal.toml": ["-c", str(ROOT / "configs/causal.toml")]}


def run(stage, *arguments):
    done = subprocess.run([f"{os.environ['RNN_RATES_BIN']}/{stage}", "-q", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def infer(session, out, *flags):
    """Runs four stages; returns the numbers of the leak test."""
    for stage in ("extract_bins", "reduce_pca", "train_rnn"):
        run(stage, session, "-o", out, *flags)
    return json.loads(run("infer_write", session, "-o", out, *flags, "--json"))["sessions"][0]["metrics"]["leak_test"]


def read(folder):
    """Counts as rates, true rates and inferred ones, (trial, unit, bin) each, the trials' tastes and the bins' centres."""
    with h5py.File(folder / "bins.h5") as bins, h5py.File(folder / "rates.h5") as h5:
        counts = np.concatenate([taste["counts"][:] for taste in bins["tastes"].values()])
        fits = sorted(h5["rnn_output/regions"].values(), key=lambda fit: fit["trial_taste"][0])
        return {"spikes": counts * 1000.0 / np.diff(bins["bin_edges_ms"][:2]), "truth": bins["true_rate_hz"][:],
                "rates": np.concatenate([fit["rate_hz"][:] for fit in fits]),
                "tastes": np.concatenate([fit["trial_taste"][:] for fit in fits]), "time_ms": fits[0]["time_ms"][:]}


def told(rates, session, first_ms, last_ms):
    """Share of trials whose taste ridge regression tells from mean rates of a window, as infer_write's leak test."""
    taste, fold = session["tastes"], np.arange(len(rates)) % 5
    mean, right = rates[:, :, (session["time_ms"] > first_ms) & (session["time_ms"] < last_ms)].mean(2), 0
    for test in range(5):
        train = fold != test
        x = (mean - mean[train].mean(0)) / np.where(mean[train].std(0) > 0, mean[train].std(0), 1)
        y = np.eye(taste.max() + 1)[taste]
        weights = np.linalg.solve(x[train].T @ x[train] + 0.1 * train.sum() * np.eye(x.shape[1]), x[train].T @ (y[train] - y[train].mean(0)))
        right += np.sum((x[~train] @ weights + y[train].mean(0)).argmax(1) == taste[~train])
    return right / len(rates)


def steps_ms(rates, session):
    """When each trial's population changes most after the stimulus: between means of 200 ms before and after."""
    time, width = session["time_ms"], round(200 / np.diff(session["time_ms"][:2])[0])
    sums = np.cumsum(np.concatenate([np.zeros((*rates.shape[:2], 1)), rates], 2), 2)
    change = np.sqrt(((sums[:, :, 2 * width:] - 2 * sums[:, :, width:-width] + sums[:, :, :-2 * width]) ** 2).sum(1))
    centres = time[width:width + change.shape[1]]
    return centres[centres > 0][change[:, centres > 0].argmax(1)]


def spread(rates, session):
    """Variance of single trials about their taste's mean."""
    return sum(((rates[of] - rates[of].mean(0)) ** 2).sum() for of in (session["tastes"] == taste for taste in np.unique(session["tastes"])))


def boxcar(spikes):
    width = 10
    return np.apply_along_axis(lambda row: np.convolve(row, np.ones(width) / width, "same"), 2, spikes)


def look_at(session, rates):
    found = {"told -500 to -250 ms": told(rates, session, -500, -250), "told -250 to 0 ms": told(rates, session, -250, 0),
             "step off by, ms (median)": np.median(np.abs(steps_ms(rates, session) - steps_ms(session["truth"], session))),
             "variance over trials / true": spread(rates, session) / spread(session["truth"], session)}
    return np.array(list(found.values())), list(found)


def two_regions(first, second, folder):
    """The units of two simulated sessions as two regions of one, trials of the second in another order: both drift slowly."""
    random = np.random.default_rng(0)

    def arrays(session):
        with h5py.File(small_session.h5_of(session)) as h5:
            return [taste["spike_array"][:] for taste in h5["spike_trains"].values()]
    trains = [np.concatenate(pair, 1) for pair in zip(arrays(first), map(random.permutation, arrays(second)))]
    half = trains[0].shape[1] // 2
    layout = {"gc": [list(range(half))], "bla": [list(range(half, 2 * half))]}
    return small_session.write(folder, trains, electrodes=range(2 * half), layout=layout)


def main():
    rows, regions = {}, {}
    for seed in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            for name, number in (("one", seed), ("two", 1000 + int(seed))):
                run("extract_bins", "--simulate", folder / name, "--set", f"seed={number}")
            for way, flags in WAYS.items():
                infer(folder / "one", folder / way, *flags)
                session = read(folder / way / "one")
                for name, rates in (("true rates", session["truth"]), ("spikes, boxcar of 250 ms", boxcar(session["spikes"])), (way, session["rates"])):
                    values, names = look_at(session, rates)
                    rows.setdefault(name, []).append(values)
            both = two_regions(folder / "one", folder / "two", folder / "both")
            for joint in ("true", "false"):
                leaks = infer(both, folder / joint, "--set", f"fits.separate_regions={'false' if joint == 'true' else 'true'}")
                regions.setdefault("one network for both regions" if joint == "true" else "one network per region", []).append(
                    [leaks[f"regions_correlated_{name}"] for name in ("counts", "rate_hz", "rate_out_of_fold_hz")])
    print("| rates |", " | ".join(names), "|")
    for name, values in rows.items():
        print(f"| {name} |", " | ".join(f"{value:.2f}" if abs(value) < 10 else f"{value:.0f}" for value in np.mean(values, 0)), "|")
    print("| regions correlated | counts | rate_hz | rate_out_of_fold_hz |")
    for name, values in regions.items():
        print(f"| {name} |", " | ".join(f"{value:.2f}" for value in np.mean(values, 0)), "|")


main()
