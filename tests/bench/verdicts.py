#!/usr/bin/python3
"""How often verdicts are right: on simulated sessions of many sizes, of which the true rates are known.

    verdicts.py [--seeds N...] [--threads N] OUT_DIR

For each seed one session of each of DESIGNS; each is judged with configs/best.toml as it is, and with its network alone. The
true error of rates is the information that they lose about spikes drawn from the true rates (Kullback-Leibler divergence of
Poisson counts). "good" is right where the published rates have a lower error, by 2% at least, than every simple method and
than each unit's mean rate, "do not use" where they have not. Programs are taken from $RNN_RATES_BIN. What is done already in
OUT_DIR is not done again. The rules were chosen on seed 1, docs/accuracy.md's figures are of the other seeds.
"""
import argparse
import json
import os
import subprocess
from collections import defaultdict
from pathlib import Path

import h5py
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("RNN_RATES_BIN", ROOT / "build/release/bin"))
BIN_MS, FIT = 25, "region_all_taste_all"
RECIPES = {"best.toml": [], "its network alone": ["--set", "infer.combine_with=[]"]}


def smooth(random, shape, sigma_bins):
    """Standard normal noise, smooth along the last axis."""
    reach = int(4 * sigma_bins)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_bins) ** 2)
    noise = random.normal(size=(*shape[:-1], shape[-1] + 2 * reach))
    return np.apply_along_axis(np.convolve, -1, noise, kernel / np.sqrt((kernel ** 2).sum()), "valid")


# Each returns log rates (condition, trial, unit, bin) against the unit's baseline.
def constant(random, shape):
    return np.zeros(shape)


def drifting(random, shape):
    """Gains of units that change over the session, and nothing else."""
    gains = 0.4 * smooth(random, (shape[2], shape[0] * shape[1]), 0.3 * shape[0] * shape[1])
    return np.tile(gains.T.reshape(shape[1], shape[0], shape[2]).transpose(1, 0, 2)[..., None], shape[3])


def locked(random, shape):
    """The same course in each trial of a condition."""
    return np.repeat(0.7 * smooth(random, (shape[0], 1, *shape[2:]), 6), shape[1], 1)


def shared(random, shape):
    """Three factors that take another course in each trial, whatever the condition."""
    return 0.5 * np.einsum("ctfb,uf->ctub", smooth(random, (*shape[:2], 3, shape[3]), 5), random.normal(size=(shape[2], 3)))


def private(random, shape):
    """Each unit has a course of its own in each trial: nothing that others could tell."""
    return 0.7 * smooth(random, shape, 8)


def states(random, shape):
    """As taste cortex: states at times of each trial's own, which depend on the condition."""
    levels = 0.8 * random.normal(size=(shape[0], 4, shape[2]))
    levels[:, 0] = 0
    at = np.cumsum(random.gamma(4, shape[3] / 16, size=(*shape[:2], 3)), -1)
    state = (np.arange(shape[3]) >= at[..., None]).sum(2)  # (condition, trial, bin)
    return np.take_along_axis(levels[:, None].transpose(0, 1, 3, 2), state[:, :, None], -1)


#: Name, log rates, conditions, trials per condition, units, bins, median baseline in Hz.
DESIGNS = [
    ("constant, tiny", constant, 1, 10, 6, 40, 5), ("constant, small", constant, 2, 15, 15, 60, 5),
    ("drifting", drifting, 2, 15, 12, 60, 8), ("locked, tiny", locked, 2, 8, 6, 60, 8),
    ("locked, small", locked, 4, 10, 15, 60, 8), ("shared, sparse", shared, 1, 20, 15, 60, 3),
    ("shared, small", shared, 2, 15, 25, 60, 8), ("private, small", private, 2, 15, 10, 60, 8),
    ("states, tiny", states, 2, 8, 8, 60, 8), ("states, small", states, 4, 10, 20, 80, 6),
]


def write_session(path, design, seed):
    _, log_rates, conditions, trials, units, bins, median_hz = design
    random = np.random.default_rng([seed, DESIGNS.index(design)])
    logs = log_rates(random, (conditions, trials, units, bins))
    baseline_hz = np.clip(median_hz * np.exp(0.6 * random.normal(size=units)), 1, 30)
    rate_hz = np.clip(baseline_hz[:, None] * np.exp(logs), 0.1, 100)
    spikes = random.random((*rate_hz.shape[:3], bins * BIN_MS)) < np.repeat(rate_hz, BIN_MS, -1) / 1000
    with h5py.File(path, "w") as file:
        for condition in range(conditions):
            file.create_dataset(f"spike_trains/taste_{condition}/spike_array", data=spikes[condition].astype("u1"),
                                compression="gzip")
        file["truth/rate_hz"] = rate_hz.reshape(-1, units, bins).astype("f4")


def stage(name, *flags):
    done = subprocess.run([BIN / name, "-q", *map(str, flags)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{name}: {done.stderr}")
    return json.loads(done.stdout) if "--json" in flags else None


def lost_bits(rate_hz, true_hz):
    rate_hz = np.maximum(rate_hz, 0.1)
    return float((true_hz * np.log(true_hz / rate_hz) - true_hz + rate_hz).sum() / true_hz.sum() / np.log(2))


def judge(session, out, design, recipe, threads):
    result = out / f"{recipe.replace(' ', '_')}.json"
    if result.exists():
        return json.loads(result.read_text())
    flags = ["--threads", threads, "-o", out, "--set", "stim_ms=250", "--set", f"time_lims_ms=[0, {design[5] * BIN_MS}]"]
    for name in ("extract_bins", "reduce_pca", "train_rnn"):
        stage(name, *flags, session)
    report = stage("infer_write", "--json", *flags, *RECIPES[recipe], "--set", "infer.baselines=true", session)["sessions"][0]
    with h5py.File(out / session.stem / "rates.h5") as file, h5py.File(out / session.stem / "bins.h5") as bins:
        true_hz = bins["true_rate_hz"][:].astype(float)
        counts = np.concatenate([taste["counts"][:] for taste in bins["tastes"].values()])
        errors = {name: lost_bits(values[:], true_hz) for name, values in file[f"baselines/{FIT}"].items() if name not in ("gpfa", "plds")}
        errors["mean rate"] = lost_bits(np.broadcast_to(counts.mean((0, 2), keepdims=True) * 1000 / BIN_MS, true_hz.shape), true_hz)
        published = lost_bits(file[f"rnn_output/regions/{FIT}/rate_hz"][:], true_hz)
    found = {**report["verdicts"][FIT], "published": published, "errors": errors, "scores": report["scores"][FIT],
             "metrics": report["metrics"]}
    result.write_text(json.dumps(found))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[2, 11, 12, 14])
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    best = {recipe: defaultdict(list) for recipe in RECIPES}
    for seed in arguments.seeds:
        for design in DESIGNS:
            out = arguments.out / f"{design[0].replace(', ', '_')}_{seed}"
            out.mkdir(parents=True, exist_ok=True)
            session = out / "session.h5"
            if not session.exists():
                write_session(session, design, seed)
            for recipe in RECIPES:
                found = judge(session, out, design, recipe, arguments.threads)
                simplest, error = min(found["errors"].items(), key=lambda item: item[1])
                best[recipe][found["verdict"]].append(found["published"] < 0.98 * error)
                print(f"{design[0]:<16} {seed:>3}  {recipe:<18} {found['verdict']:<14} {found['published']:.4f}  {simplest} {error:.4f}  "
                      f"{found['why']}", flush=True)
    for recipe, verdicts in best.items():
        for verdict, is_best in verdicts.items():
            right = len(is_best) - sum(is_best) if verdict == "do not use" else sum(is_best)
            said = "no better than a simpler method" if verdict == "do not use" else "better than all simpler methods"
            print(f"{recipe}: '{verdict}' {len(is_best)} times, {said} in {right}")


if __name__ == "__main__":
    main()
