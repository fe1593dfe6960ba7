"""A small dataset for tests of what runs over many sessions: real recordings where they are at hand, else made up."""
import subprocess
from pathlib import Path

import h5py

import pipeline
import small_session

#: Few steps and few figures.
QUICK = {"train.steps": "20", "train.validate_every": "10", "plots.select": "['losses']"}
#: A training of some seconds that saves checkpoints all the while.
LONG = {"train.steps": "8000", "train.patience": "0", "checkpoint.every_s": "0.2"}


def settings(changes):
    """The text of a settings file: configs/reference.toml with QUICK and then `changes` over it."""
    overrides = [word for key, value in (QUICK | changes).items() for word in ("--set", f"{key}={value}")]
    done = pipeline.run_stage("extract_bins", "-c", pipeline.REFERENCE, *overrides, "--print-config")
    assert done.returncode == 0, done.stderr
    return done.stdout


def make(folder, count=6):
    """Session folders below `folder`/sessions, `folder`/sessions.tsv and `folder`/settings.toml. Returns their names."""
    folder = Path(folder)
    sessions = folder / "sessions"
    script = pipeline.SHARED / "tools" / "make_sessions.py"
    if script.exists():
        subprocess.run(["/usr/bin/python3", str(script), str(sessions), "dataset"], check=True, capture_output=True)
    else:
        for seed in range(count):
            spikes = small_session.draw_spikes(trials=(40, 30), length_ms=5000, seed=seed)
            small_session.write(sessions / f"day{seed}", spikes)
    names = sorted(path.name for path in sessions.iterdir())[:count]
    (folder / "sessions.tsv").write_text("path\tid\n" + "".join(f"sessions/{name}\t{name}\n" for name in names))
    (folder / "settings.toml").write_text(settings({}))
    return names


def flags(folder, out):
    """The stages' flags for the whole dataset."""
    return ["--manifest", folder / "sessions.tsv", "-c", folder / "settings.toml", "-o", out]


def run_all(folder, out, *arguments):
    """Takes the whole dataset through all stages, undisturbed, in this process's surroundings."""
    for stage in pipeline.STAGES:
        done = pipeline.run_stage(stage, *flags(folder, out), "-q", *arguments)
        assert done.returncode == 0, done.stderr


def digests_below(out):
    """{path below `out`: content digest} of all artifacts there."""
    found = {}
    for path in sorted(Path(out).rglob("*.h5")):
        with h5py.File(path) as file:
            found[str(path.relative_to(out))] = file.attrs["content_digest"]
    return found
