"""Small NWB files that pynwb writes, each with a twist: 5 units of constant rates, 24 trials 5 s apart."""
import h5py
import numpy as np

import nwb

STARTS_S = 2.0 + 5.0 * np.arange(24)
CONDITIONS = ["sucrose", "water", "NaCl"] * 8
FLAGS = ("--set", "stim_ms=500", "--set", "time_lims_ms=[0, 1500]")

# What the scripts of tests find: `file`, `starts`, `conditions`, `trains` and what adds them.
BEGINNING = f"""
import datetime, sys
import numpy as np
from pynwb import NWBFile, NWBHDF5IO

starts, conditions = 2.0 + 5.0 * np.arange(24), {CONDITIONS!r}
random = np.random.default_rng(0)
trains = [np.sort(random.uniform(0, 130, random.poisson(15 * 130 * (0.5 + unit / 5)))) for unit in range(5)]
file = NWBFile(session_description="a test", identifier="test",
               session_start_time=datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc))

def add_units(trains=trains):
    for times in trains:
        file.add_unit(spike_times=times)

def add_trials(starts=starts, conditions=conditions):
    file.add_trial_column("condition", "what was given")
    for start, condition in zip(starts, conditions):
        file.add_trial(start_time=float(start), stop_time=float(start) + 2, condition=condition)
"""


def write(path, script):
    """Writes `path` with a script that fills `file`; raises SkipTest without pynwb."""
    nwb.run("-c", BEGINNING + script + "\nwith NWBHDF5IO(sys.argv[1], 'w') as io: io.write(file)\n", path)
    return path


def counts(spike_times, starts_s, bins=60, bin_ms=25, stim_ms=500):
    """(trial, unit, bin) counts by numpy for FLAGS, trials by time."""
    found = np.zeros((len(starts_s), len(spike_times), bins), int)
    for trial, start in enumerate(np.sort(starts_s)):
        for unit, times in enumerate(spike_times):
            ms = np.floor((np.asarray(times) - start) * 1000 + stim_ms + 1e-6)
            inside = ms[(ms >= 0) & (ms < bins * bin_ms)].astype(int)
            np.add.at(found[trial, unit], inside // bin_ms, 1)
    return found


def spike_times(path, table="units"):
    """(unit) arrays, as h5py reads them."""
    with h5py.File(path) as h5:
        ends = h5[f"{table}/spike_times_index"][()].ravel()
        return np.split(h5[f"{table}/spike_times"][()].ravel(), ends[:-1])


def extracted(bins):
    """{taste: counts (trial, unit, bin)} of a bins.h5, in its order."""
    with h5py.File(bins) as h5:
        return {name.decode(): h5[f"tastes/{taste:03}/counts"][()] for taste, name in enumerate(h5["taste_names"])}
