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

WAYS = {"default": [], "with the condition's average": ["--set", 'infer.combine_with=["plds","gaussian","condition_average"]'],
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


def read(folder, true_rate_hz=None):
    """Counts as rates, true rates and inferred ones, (trial, unit, bin) each, the trials' tastes and the bins' centres."""
    with h5py.File(folder / "bins.h5") as bins, h5py.File(folder / "rates.h5") as h5:
        counts = np.concatenate([taste["counts"][:] for taste in bins["tastes"].values()])
        fits = sorted(h5["rnn_output/regions"].values(), key=lambda fit: fit["trial_taste"][0])
        return {"spikes": counts * 1000.0 / np.diff(bins["bin_edges_ms"][:2]), "truth": bins["true_rate_hz"][:] if true_rate_hz is None else true_rate_hz,
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


def responses(folder, seed):
    """Two tastes, 30 trials each, of 20 units that change at once, 50 to 150 ms after the stimulus, differently on each trial."""
    random = np.random.default_rng(seed)
    changed_hz = 8 * np.exp(random.normal(0, 0.7, (2, 20)))
    onset_ms = random.uniform(50, 150, (2, 30))
    rates_hz = np.full((2, 30, 20, 2000), 8.0)
    for taste, trial in np.ndindex(2, 30):
        rates_hz[taste, trial, :, 1000 + int(onset_ms[taste, trial]):] = changed_hz[taste][:, None]
    small_session.write(folder, list((random.random(rates_hz.shape) < rates_hz / 1000).astype(np.float64)), electrodes=[0] * 20)
    return rates_hz.reshape(60, 20, -1, 25).mean(3)


def passes_ms(rates, session, share):
    """When the mean over trials of each taste has gone that share of the way from its rates before the stimulus to those 300 ms after."""
    time, found = session["time_ms"], []
    for taste in (0, 1):
        mean = rates[session["tastes"] == taste].mean(0)
        before, after = mean[:, (time > -700) & (time < -200)].mean(1), mean[:, time > 300].mean(1)
        way = (mean - before[:, None]).T @ (after - before) / np.sum((after - before) ** 2)
        late = np.flatnonzero((way >= share) & (time > -200))[0]
        found.append(time[late - 1] + 25 * (share - way[late - 1]) / (way[late] - way[late - 1]))
    return np.mean(found)


def onsets(seed, folder):
    """How much later than in the true rates a response is dated, ms: where it has gone a tenth and half of its way."""
    true = responses(folder / "onsets", int(seed))
    window, found = ["--set", "stim_ms=1000", "--set", "time_lims_ms=[0,2000]"], {}
    for way in ("default", "causal.toml"):
        infer(folder / "onsets", folder / f"onsets {way}", *WAYS[way], *window)
        session = read(folder / f"onsets {way}" / "onsets", true)
        found |= {"spikes": session["spikes"], "spikes, boxcar of 250 ms": boxcar(session["spikes"]), way: session["rates"]}
    return {name: [passes_ms(rates, session, share) - passes_ms(true, session, share) for share in (0.1, 0.5)]
            for name, rates in found.items()}


def main():
    rows, regions, late = {}, {}, {}
    for seed in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            for name, late_ms in onsets(seed, folder).items():
                late.setdefault(name, []).append(late_ms)
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
    print("| onset dated late by, ms | a tenth of the way | half |")
    for name, values in late.items():
        print(f"| {name} |", " | ".join(f"{value:.0f}" for value in np.mean(values, 0)), "|")
    print("| regions correlated | counts | rate_hz | rate_out_of_fold_hz |")
    for name, values in regions.items():
        print(f"| {name} |", " | ".join(f"{value:.2f}" for value in np.mean(values, 0)), "|")


main()
