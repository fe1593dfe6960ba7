"""Writes the inputs that fuzzing starts from: FOLDER/<target>/..., from the sessions, damages and settings of the tests.

    make_corpus.py FOLDER      with RNN_RATES_BIN and RNN_RATES_SOURCE set as CTest sets them
"""
import shutil
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

import damages
import pipeline
import small_session

LARGEST = 131072
#: Settings that fit the small sessions and keep files small.
SETTINGS = {"time_lims_ms": "[0, 500]", "stim_ms": "100", "bin_ms": "50", "train__steps": "3",
            "train__validate_every": "1", "model__hidden_size": "2", "model__layers": "1"}


def draw_spikes(trials=(4, 4), units=5):
    return [array.astype("u1") for array in small_session.draw_spikes(trials, units, length_ms=500)]


def write_session(folder):
    """A session with as little in its file as the damages find what they change in."""
    session = small_session.write(folder, draw_spikes())
    with small_session.edit(session) as file:
        small_session.replace(file, "unit_descriptor", file["unit_descriptor"][()])
    path = small_session.h5_of(session)
    repacked(path, folder / "repacked")
    (folder / "repacked").rename(path)
    return session


def keep(path, folder, name):
    if path.stat().st_size <= LARGEST:
        shutil.copy(path, folder / name.replace("/", "_"))


def repacked(path, to):
    """A copy in HDF5's oldest format, whose records carry no checksums, so that changes get past them."""
    with h5py.File(path) as old, h5py.File(to, "w", libver="earliest") as new:
        for name in old:
            old.copy(name, new)
        for name, value in old.attrs.items():
            new.attrs[name] = value


def write_sessions(folder, work):
    for number, damage in enumerate(damages.DAMAGES):
        session = write_session(work / f"damage_{number}" / "session")
        if damage.stage != "extract_bins" or damage.code != 4:
            continue
        try:
            session = damage.apply(session) or session
        except (IndexError, OverflowError, TypeError, ValueError):
            continue
        keep(session / "session.h5", folder, damage.name)
    keep(write_session(work / "good" / "session") / "session.h5", folder, "good")
    tiny = work / "tiny.h5"
    for libver in ("earliest", "latest"):
        with h5py.File(tiny, "w", libver=libver) as file:
            for taste in (0, 1):
                file.create_dataset(f"spike_trains/dig_in_{taste}/spike_array", data=np.eye(4, dtype="u1")[:, :2, None],
                                    chunks=(1, 2, 1), compression="gzip", fletcher32=True)
            file["truth/rate_hz"] = np.ones((8, 2, 1), "f4")
        keep(tiny, folder, f"tiny_{libver}")
        with h5py.File(tiny, "w", libver=libver) as file:
            for unit in range(2):
                file[f"sorted_units/unit00{unit}/times"] = np.arange(300000, 420000, 3000)
        keep(tiny, folder, f"tiny_times_{libver}")
    write_nwb(tiny)
    keep(tiny, folder, "nwb")


def write_nwb(path):
    """The least that the reader of NWB files takes: pynwb's own are too large to start from."""
    with h5py.File(path, "w", libver="earliest") as file:
        file["units/spike_times"] = np.arange(0.5, 6.5, 0.05)
        file["units/spike_times_index"] = np.array([40, 80, 120])
        file["units/electrodes"] = np.array([0, 1, 1])
        file["units/electrodes_index"] = np.array([1, 2, 3])
        file["general/extracellular_ephys/electrodes/location"] = ["gc", "bla"]
        file["intervals/trials/start_time"] = np.array([3.0, 4.0, 5.0])
        file["intervals/trials/condition"] = ["sucrose", "quinine", "sucrose"]
        file["intervals/trials/laser"] = np.array([True, False, False])


def write_session_infos(folder, work):
    session = small_session.write_spike_times(work / "info" / "session", draw_spikes((2, 1)))
    for name in ("session.info", "session.params", "trial_info_frame.csv"):
        keep(session / name, folder, name)
    for number, damage in enumerate(damages.DAMAGES):
        if any("session.info" in word for word in damage.words):
            session = small_session.write(work / f"info_{number}" / "session", draw_spikes())
            damage.apply(session)
            keep(session / "session.info", folder, damage.name)


def write_artifacts(folder, work):
    session = small_session.write(work / "made" / "session", draw_spikes((3,), units=2), electrodes=[0, 2])
    flags = small_session.flags(**SETTINGS)
    for stage in pipeline.STAGES[:4]:
        done = pipeline.run_stage(stage, session, *flags)
        assert done.returncode == 0, done.stderr
    pipeline.run_stage("train_rnn", session, *flags, "--force", "--wall-limit", "0")
    for path in sorted((session / "rnn_output").rglob("*.h5")):
        keep(path, folder, path.name)
        repacked(path, work / "repacked.h5")
        keep(work / "repacked.h5", folder, f"old_{path.name}")
    for libver in ("earliest", "latest"):
        write_inference_checkpoint(work / "progress.h5", libver)
        keep(work / "progress.h5", folder, f"progress_{libver}")


def write_inference_checkpoint(path, libver):
    """What a stopped infer_write leaves, of two methods with a GPFA fit."""
    with h5py.File(path, "w", libver=libver) as file:
        for method in ("gpfa", "rnn"):
            for hidden in ("blocks", "units"):
                file[f"methods/{method}/{hidden}/parts"] = np.uint32(1)
                file[f"methods/{method}/{hidden}/rate_hz"] = np.ones((2, 2, 3), "f4")
        file["methods/gpfa/rate_hz"] = np.ones((2, 2, 3), "f4")
        for name in ("fold", "latents", "iterations"):
            file[f"gpfa/0000/{name}"] = np.uint32(1)
        file["gpfa/0000/converged"], file["gpfa/0000/log_likelihood"] = np.uint8(0), -1.0
        file["gpfa/0000/units"], file["gpfa/0000/loadings"] = np.arange(2, dtype="u4"), np.ones((2, 1))
        for name, length in (("offset", 2), ("noise_variance", 2), ("timescale_bins", 1)):
            file[f"gpfa/0000/{name}"] = np.ones(length)


def write_configs(folder, work):
    reference = pipeline.REFERENCE.read_text()
    (folder / "reference.toml").write_text(reference)
    (folder / "overridden.toml").write_bytes(reference.encode() + b"\0plots.select=[\"units\"]")
    for number, line in enumerate(line for line in reference.splitlines() if "=" in line):
        (folder / f"line_{number}").write_text(line + "\n")
    for damage in damages.DAMAGES:
        if damage.code == 3:
            (work / "session").mkdir(exist_ok=True)
            damage.apply(work / "session")
            keep(work / "settings.toml", folder, damage.name)


def write_manifests(folder, _):
    for number, text in enumerate(["path\tid\nsessions/a\ta\n/data/b.h5\tb\n", "# all\n\nsessions/a\r\nb/\n", "a\ta\nb\ta\n",
                                   "a\tb\tc\n", "\t\n", "a\t..\n", "path\n./\n", "séance n° 3\n"]):
        (folder / str(number)).write_text(text)


def main():
    targets = {"session": write_sessions, "session_info": write_session_infos, "artifact": write_artifacts,
               "config": write_configs, "manifest": write_manifests}
    for target, write in targets.items():
        folder = Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="rnn_rates_corpus.") as work:
            write(folder, Path(work))
        print(f"{folder}: {len(list(folder.iterdir()))} inputs")


if __name__ == "__main__":
    main()
