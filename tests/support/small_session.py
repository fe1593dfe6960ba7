"""A small session as blech_clust leaves it, written with PyTables: a second to run through all five stages.

Two tastes of 8 and 7 trials, 5 units on electrodes of two regions, 1000 ms with the stimulus at 300 ms.
"""
import csv
import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import tables

from pipeline import REFERENCE

STIM_MS, LENGTH_MS, SAMPLES_PER_MS = 300, 1000, 30
LAYOUT = {"gc": [[0, 1, 2, 3]], "bla": [[4, 5], [6, 7]], "emg": [[8]], "none": [[9]]}
ELECTRODES = [0, 2, 4, 5, 7]
#: Settings that fit these sessions and take few steps.
SETTINGS = {"time_lims_ms": "[200, 800]", "stim_ms": str(STIM_MS), "train.steps": "20", "train.validate_every": "10",
            "fits.separate_regions": "false"}


def flags(**changes):
    """Flags of the reference recipe with SETTINGS and changes; a dot in a key is written as two underscores, as in train__steps=30."""
    settings = SETTINGS | {key.replace("__", "."): value for key, value in changes.items()}
    return ["-c", str(REFERENCE), *(word for key, value in settings.items() for word in ("--set", f"{key}={value}"))]


def draw_spikes(trials=(8, 7), units=len(ELECTRODES), length_ms=LENGTH_MS, seed=0):
    """One array (trial, unit, ms) of 0 and 1 a taste: Poisson-like, at a rate that the stimulus raises unit by unit."""
    random = np.random.default_rng(seed)
    arrays = []
    for taste, count in enumerate(trials):
        rate_hz = np.full((units, length_ms), 15.0)
        for unit in range(units):
            rate_hz[unit, STIM_MS + 60 * unit:] += 20.0 * (1 + (unit + taste) % 3)
        arrays.append((random.random((count, units, length_ms)) < rate_hz / 1000).astype(np.float64))
    return arrays


def write_info(folder, tastes, layout=LAYOUT):
    info = {"name": folder.name, "regions": list(layout), "electrode_layout": layout,
            "taste_params": {"dig_in_names": [f"dig_in_{taste}" for taste in range(tastes)],
                             "tastes": ["sucrose", "quinine", "water", "nacl"][:tastes]}}
    (folder / f"{folder.name}.info").write_text(json.dumps(info, indent=4))


def write(folder, arrays=None, info=True, descriptor=True, electrodes=None, layout=LAYOUT):
    """Writes the session folder with NAME.h5 and, unless told otherwise, /unit_descriptor and NAME.info. Returns it."""
    folder = Path(folder)
    arrays = draw_spikes() if arrays is None else arrays
    folder.mkdir(parents=True, exist_ok=True)
    with tables.open_file(str(h5_of(folder)), "w") as file:
        file.create_group("/", "spike_trains")
        for taste, spikes in enumerate(arrays):
            file.create_group("/spike_trains", f"dig_in_{taste}")
            file.create_array(f"/spike_trains/dig_in_{taste}", "spike_array", spikes)
        if descriptor:
            electrodes = ELECTRODES if electrodes is None else electrodes
            rows = np.array(list(enumerate(electrodes)), [("unit_number", "<i4"), ("electrode_number", "<i4")])
            file.create_table("/", "unit_descriptor", rows)
    if info:
        write_info(folder, len(arrays), layout)
    return folder


def write_spike_times(folder, arrays=None):
    """The same session before blech_make_arrays.py: /sorted_units, trial_info_frame.csv and NAME.params. Returns it."""
    arrays = draw_spikes() if arrays is None else arrays
    folder = write(folder, arrays)
    with tables.open_file(str(h5_of(folder)), "a") as file:
        file.remove_node("/spike_trains", recursive=True)
        times = [[] for _ in range(arrays[0].shape[1])]
        rows, start = [], 10_000 * SAMPLES_PER_MS
        for taste, spikes in enumerate(arrays):
            for number, trial in enumerate(spikes):
                rows.append((f"dig_in_{taste}", number, start))
                for unit, spike_ms in enumerate(trial):
                    times[unit].append(start + (np.flatnonzero(spike_ms) - STIM_MS) * SAMPLES_PER_MS)
                start += 2 * LENGTH_MS * SAMPLES_PER_MS
        for unit, parts in enumerate(times):
            file.create_array(f"/sorted_units/unit{unit:03}", "times", np.concatenate(parts), createparents=True)
    with open(folder / "trial_info_frame.csv", "w", newline="") as file:
        csv.writer(file).writerows([("dig_in_name_taste", "taste_rel_trial_num", "start_taste"), *rows])
    cut = {"sampling_rate": 1000 * SAMPLES_PER_MS, "spike_array_durations": [STIM_MS, LENGTH_MS - STIM_MS]}
    (folder / f"{folder.name}.params").write_text(json.dumps(cut))
    return folder


def write_nwb(path, arrays=None):
    """The same spikes, in the middle of their milliseconds, as what is read of an NWB file: a trial every 2 s."""
    arrays = draw_spikes() if arrays is None else arrays
    trials = [(taste, trial) for taste, spikes in enumerate(arrays) for trial in spikes]
    start_s = 10.0 + 2 * np.arange(len(trials))
    with h5py.File(path, "w") as file:
        units = [np.concatenate([start + (np.flatnonzero(trial[unit]) + 0.5 - STIM_MS) / 1000
                                 for start, (_, trial) in zip(start_s, trials)]) for unit in range(arrays[0].shape[1])]
        file["units/spike_times"] = np.concatenate(units)
        file["units/spike_times_index"] = np.cumsum([len(times) for times in units])
        file["intervals/trials/start_time"] = start_s
        file["intervals/trials/taste"] = [["sucrose", "quinine"][taste] for taste, _ in trials]
    return path


def h5_of(folder):
    return folder / f"{folder.name}.h5"


def edit(folder):
    """The session's .h5, open for changes, as a context."""
    return h5py.File(h5_of(folder), "a")


def replace(file, path, values):
    """Puts `values` in place of a dataset, whatever their type and shape."""
    del file[path]
    file[path] = values


def truncate(path, share=0.5):
    """Cuts a file to a share of its size."""
    with open(path, "r+b") as file:
        file.truncate(int(path.stat().st_size * share))


def flip_bit(path, at, bit=4):
    """Flips one bit of the byte `at`."""
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ (1 << bit)]))


def flip_bit_of(path, dataset):
    """Flips one bit in the middle of a dataset's stored values, as a failing disk would."""
    with h5py.File(path) as file:
        stored = file[dataset].id
        if stored.get_create_plist().get_layout() == h5py.h5d.CHUNKED:
            chunk = stored.get_chunk_info(stored.get_num_chunks() // 2)
            at = chunk.byte_offset + chunk.size // 2
        else:
            at = stored.get_offset() + stored.get_storage_size() // 2
    flip_bit(path, at)


def copy(folder, to):
    """A copy of a session folder with all in it."""
    shutil.copytree(folder, to)
    return Path(to)
