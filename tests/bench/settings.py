#!/usr/bin/python3
"""What single settings do to the scores: the table of docs/choosing_settings.md.

    settings.py [--threads N] [--quick] [--only WORD...] OUT_DIR

Each line of VARIANTS is a settings file and changes to it. It runs on a simulated session with known rates
(extract_bins --simulate, seed 11) and, where ../shared is there, on the recording locust. A line of the table has the R2
of the simulated session's single-trial rates, the bits per spike hidden from the network of both, and the processor time
of four stages on the simulated one as a multiple of the first line's. Programs are taken from $RNN_RATES_BIN. What is
done already in OUT_DIR is not done again.
"""
import argparse
import json
import os
import subprocess
from pathlib import Path

import h5py
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("RNN_RATES_BIN", ROOT / "build/release/bin"))
SHARED = Path(os.environ.get("RNN_RATES_SHARED", ROOT.parent / "shared"))
STAGES = ["extract_bins", "reduce_pca", "train_rnn", "infer_write"]
#: Heading, settings file, changes (one column of the table each).
VARIANTS = [
    ("as it is", "best", {}),
    ("seed = 1", "best", {"seed": 1}),
    ("train.folds = 1", "best", {"train.folds": 1}),
    ("train.folds = 8", "best", {"train.folds": 8}),
    ("train.steps = 100", "best", {"train.steps": 100}),
    ("train.steps = 1000", "best", {"train.steps": 1000}),
    ("train.weights = last", "best", {"train.weights": "last"}),
    ("train.learning_rate = 0.003", "best", {"train.learning_rate": 0.003}),
    ("model.hidden_size = 8", "best", {"model.hidden_size": 8}),
    ("model.hidden_size = 64", "best", {"model.hidden_size": 64}),
    ("model.rank = 4", "best", {"model.rank": 4}),
    ("model.dropout = 0", "best", {"model.dropout": 0}),
    ("model.bidirectional = false", "best", {"model.bidirectional": "false"}),
    ("mask.block_bins = 1", "best", {"mask.block_bins": 1}),
    ("mask.probability = 0.5", "best", {"mask.probability": 0.5}),
    ("fits.separate_tastes = true", "best", {"fits.separate_tastes": "true"}),
    ("bin_ms = 50", "best", {"bin_ms": 50}),
    ("chop.window_ms = 1500", "best", {"chop.window_ms": 1500, "chop.overlap_ms": 500}),
    ("as it is", "reference", {}),
    ("fits.separate_tastes = false", "reference", {"fits.separate_tastes": "false"}),
    ("model.hidden_size = 16", "reference", {"model.hidden_size": 16}),
    ("model.dropout = 0", "reference", {"model.dropout": 0}),
    ("pca.enabled = false", "reference", {"pca.enabled": "false"}),
    ("train.forecast_ms = 25", "reference", {"train.forecast_ms": 25}),
    ("train.weights = best", "reference", {"train.weights": "best"}),
]


def stage(name, session, out, config, changes, threads):
    flags = ["-q", "-c", ROOT / f"configs/{config}.toml", "-o", out, "--threads", threads, "--json",
             "--set", "infer.combine_with=[]"]
    flags += [word for key, value in changes.items() for word in ("--set", f"{key}={value}")]
    done = subprocess.run([BIN / name, session, *map(str, flags)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{name}: {done.stderr}")
    return json.loads(done.stdout)


def bits_per_spike(path):
    """Of the network, mean over the fits."""
    with h5py.File(path) as h5:
        methods = [(fit, [name.decode() for name in fit["methods"][:]].index("rnn")) for fit in h5["scores"].values()]
        return float(np.mean([fit["bits_per_hidden_spike"][row] for fit, row in methods]))


def measure(session, folder, config, changes, threads):
    result = folder / "result.json"
    if result.exists():
        return json.loads(result.read_text())
    before = os.times()
    for name in STAGES:
        report = stage(name, session, folder, config, changes, threads)
    after = os.times()
    found = {"r2": report["sessions"][0]["metrics"].get("session", {}).get("true_r2_published"),
             "bits": bits_per_spike(folder / session.name / "rates.h5"),
             "cpu_s": after.children_user + after.children_system - before.children_user - before.children_system}
    result.write_text(json.dumps(found))
    return found


def prepare(out):
    """Makes the sessions in `out`; returns their folders."""
    sessions = [out / "simulated"]
    if not sessions[0].exists():
        subprocess.run([BIN / "extract_bins", "-q", "--simulate", sessions[0], "--set", "seed=11"], check=True)
    script = SHARED / "tools/make_sessions.py"
    if script.exists():
        sessions.append(out / "locust")
        if not sessions[1].exists():
            subprocess.run(["/usr/bin/python3", script, out, "locust"], check=True, stdout=subprocess.DEVNULL)
    return sessions


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="20 steps each: shows that it runs, not what settings do")
    parser.add_argument("--only", nargs="*", default=[], help="lines with one of these words, besides the first")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    sessions = prepare(arguments.out)
    first_cpu_s = None
    for heading, config, changes in VARIANTS:
        name = f"{config}: {heading}"
        if first_cpu_s and arguments.only and not any(word in name for word in arguments.only):
            continue
        folder = arguments.out / name.replace(": ", "_").replace(" ", "")
        changes = {**changes, "train.steps": 20} if arguments.quick else changes
        results = [measure(session, folder / session.name, config, changes, arguments.threads) for session in sessions]
        first_cpu_s = first_cpu_s or results[0]["cpu_s"]
        numbers = [results[0]["r2"], *(result["bits"] for result in results)]
        print(f"| `{name}` | {' | '.join(f'{number:.3f}' for number in numbers)} | {results[0]['cpu_s'] / first_cpu_s:.1f} |",
              flush=True)


if __name__ == "__main__":
    main()
