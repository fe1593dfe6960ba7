"""Spikes of other programs, written as a recording that extract_bins reads."""
import contextlib
import os

import h5py
import numpy as np

MADE_BY = "rnn_rates.infer"


def write(folder, spikes, stimulus_s, conditions, regions, unit_ids, window_ms, bin_ms):
    """Writes spike counts or times into `folder`. Returns the recording's path and the settings that say what it holds."""
    first_ms, last_ms = window_ms
    if not first_ms <= 0 < last_ms:
        raise ValueError(f"window_ms is {window_ms}, expected to begin at or before the stimulus, 0, and to end after it")
    settings = {"bin_ms": bin_ms, "stim_ms": -first_ms, "time_lims_ms": [0, last_ms - first_ms]}
    counts, conditions = _counts(spikes, conditions)
    if counts is not None:
        bins = (last_ms - first_ms) / bin_ms
        if counts.shape[2] != bins:
            raise ValueError(f"{counts.shape[2]} bins of counts, expected {bins:g}: bins of {bin_ms} ms from {first_ms} to "
                             f"{last_ms} ms. Give the window_ms and bin_ms that these counts were made with.")
        trials, ids = len(counts), range(counts.shape[1])
    elif stimulus_s is None:
        raise ValueError("spike times need stimulus_s: when the stimulus came, in s, one per trial")
    else:
        starts_s, trains = _seconds(stimulus_s), _trains(spikes)
        trials, ids = len(starts_s), list(trains)
    _one_per("conditions", conditions, trials, "trial")
    _one_per("unit_ids", unit_ids, len(ids), "unit")
    regions = _column(spikes, regions) if isinstance(regions, str) else regions
    _one_per("regions", regions, len(ids), "unit")
    path = folder / ("recording.nwb" if counts is None else "recording.h5")
    with _new_file(path) as h5:
        h5["rnn_rates/unit_ids"] = _storable(ids if unit_ids is None else unit_ids)  # for _results, of counts also the trials
        if counts is not None:
            _write_counts(h5, counts, bin_ms, regions, conditions)
            return path, settings
        support = getattr(spikes, "time_support", ())
        _write_times(h5, list(trains.values()), regions, starts_s, conditions, support.values if len(support) > 1 else None)
    return path, settings | {"nwb.condition": "none" if conditions is None else "condition"}


def _one_per(what, values, expected, each):
    if values is not None and len(values) != expected:
        raise ValueError(f"{len(values)} {what}, expected {expected}: one per {each}")


def _storable(values):
    """Numbers as they are, all else as texts, None and NaN as empty ones."""
    numbers = np.asarray(values)
    return numbers if numbers.dtype.kind in "biuf" else ["" if value is None or value != value else str(value) for value in values]


def _counts(spikes, conditions):
    """(trial, unit, bin) and the condition of each trial where these are counts, else None and the conditions."""
    if isinstance(spikes, dict) and spikes and all(np.ndim(values) == 3 for values in spikes.values()):
        if conditions is not None:
            raise ValueError("the conditions are the keys of these counts: leave conditions out")
        conditions = [name for name, values in spikes.items() for _ in range(len(values))]
        spikes = np.concatenate([np.asarray(values) for values in spikes.values()])
    if isinstance(spikes, (dict, list, tuple)) or getattr(spikes, "ndim", 0) != 3:
        return None, conditions
    counts = np.asarray(spikes)
    if not np.all((counts >= 0) & (counts < 65536) & (counts == np.floor(counts))):
        raise ValueError("expected whole numbers of spikes, from 0 to 65535, in each bin")
    conditions = ["all"] * len(counts) if conditions is None else [str(name) for name in _storable(conditions)]
    if any(not name or "/" in name for name in conditions):
        raise ValueError("a trial has no condition, or one with a '/' in its name: leave it out, or choose another name")
    return counts, conditions


def _seconds(times):
    """Times as numbers in s: of pynapple's and neo's objects (of intervals their starts), or as they are."""
    if hasattr(times, "rescale"):
        times = times.rescale("s").magnitude
    return np.asarray(getattr(times, "t", getattr(times, "start", times)), float).reshape(-1)


def _trains(spikes):
    """{unit id: spike times in s} of pynapple, SpikeInterface, neo, a dictionary or a sequence of arrays."""
    if hasattr(spikes, "get_unit_spike_train"):
        if spikes.get_num_segments() != 1:
            raise ValueError(f"a sorting of {spikes.get_num_segments()} segments, expected one: take one with select_segments, or "
                             "join them with spikeinterface.concatenate_sortings")
        spikes = {unit: spikes.get_unit_spike_train(unit, segment_index=0, return_times=True) for unit in spikes.get_unit_ids()}
    spikes = getattr(spikes, "spiketrains", spikes)  # of neo's Segment
    if not hasattr(spikes, "items"):
        names = [getattr(train, "name", None) for train in spikes]
        spikes = dict(zip(names if all(names) and len(set(names)) == len(names) else range(len(names)), spikes))
    trains = {unit: np.sort(_seconds(train)) for unit, train in spikes.items()}
    bad = [unit for unit, times in trains.items() if not np.isfinite(times).all()]
    if bad or not trains:
        raise ValueError(f"unit {bad[0]} has a spike at a time that is not a number" if bad else "no units")
    return trains


def _column(spikes, name):
    """What the metadata of the units say in the column `name`."""
    if hasattr(spikes, "get_property"):  # SpikeInterface
        column = spikes.get_property(name)
    elif hasattr(spikes, "metadata_columns"):  # pynapple
        column = spikes.get_info(name) if name in spikes.metadata_columns else None
    else:  # neo
        column = [getattr(train, "annotations", {}).get(name) for train in getattr(spikes, "spiketrains", spikes)]
    if column is None or any(value is None for value in column):
        raise ValueError(f"the units have no column '{name}'")
    return list(column)


@contextlib.contextmanager
def _new_file(path):
    """An HDF5 file that takes the place of `path` when it is whole. Raises FileExistsError where that is somebody else's."""
    if path.exists():
        with h5py.File(path) as h5:
            if h5.attrs.get("made_by") != MADE_BY:
                raise FileExistsError(f"{path} was not written by rnn_rates.infer, and stays. Choose another folder.")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with h5py.File(part, "w") as h5:
            h5.attrs["made_by"] = MADE_BY
            yield h5
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _write_counts(h5, counts, bin_ms, regions, conditions):
    """Counts, as docs/own_recording.md has them, and which trials each condition's array holds."""
    for name in dict.fromkeys(conditions):
        trials = np.flatnonzero(np.asarray(conditions) == name)
        h5[f"spike_trains/{name}/counts"] = counts[trials].astype("u2")
        h5[f"rnn_rates/trials/{name}"] = trials
    h5["spike_trains"].attrs["bin_ms"] = bin_ms
    if regions is not None:
        h5["spike_trains/unit_regions"] = [str(region) for region in regions]


def _write_times(h5, trains, regions, starts_s, conditions, observed):
    """Spike times and trials in the tables that NWB has for them; not a whole NWB file, which would need much more.
    `observed`: intervals (start, end) in s, outside of which nothing was recorded."""
    h5["units/spike_times"] = np.concatenate(trains)
    h5["units/spike_times_index"] = np.cumsum([len(times) for times in trains])
    if regions is not None:
        h5["units/location"] = [str(region) for region in regions]
    if observed is not None:
        h5["units/obs_intervals"] = np.tile(observed, (len(trains), 1))
        h5["units/obs_intervals_index"] = len(observed) * (1 + np.arange(len(trains)))
    h5["intervals/trials/start_time"] = starts_s
    if conditions is not None:
        h5["intervals/trials/condition"] = _storable(conditions)
