"""Results of the programs as xarray.Datasets, read from their files as they are needed."""
import warnings
from pathlib import Path

import h5py
import numpy as np
import pandas
import xarray
from xarray.backends import BackendArray
from xarray.core import indexing

from . import _programs, _recording

AXES = ("trial", "unit", "factor", "bin")
KNOWS = ("uses_condition_label", "uses_future_ms", "uses_other_regions", "uses_own_spikes")
RATES = ("rate_hz", "rate_out_of_fold_hz", "rate_standard_error_hz")
VERDICTS = ("", "good", "use with care", "do not use")
#: Names here of columns of trials, and of scores, there.
COLUMNS = {"taste": "condition", "row": "trial_row", "time_s": "trial_time_s"}
SCORES = {"bits_per_hidden_spike": "bits_per_hidden_spike", "standard_error": "bits_per_hidden_spike_standard_error",
          "bits_over_best_simple": "bits_over_best_simple",
          "over_best_simple_standard_error": "bits_over_best_simple_standard_error"}


class _Grid(BackendArray):
    """(trial, unit or factor, bin) of a session, put together from datasets that hold some of its trials and columns each.
    `blocks`: (path, trials, columns) of each. What none holds is NaN, or 0 of whole numbers."""

    def __init__(self, h5, shape, dtype, blocks):
        self.file, self.digest = h5.filename, h5.attrs["content_digest"]
        self.shape, self.dtype, self.blocks = shape, np.dtype(dtype), blocks

    def __getitem__(self, key):
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self._read)

    def _read(self, key):
        chosen = [np.arange(size)[part] for size, part in zip(self.shape, key)]  # a number leaves its axis out
        trials, columns, bins = map(np.atleast_1d, chosen)
        values = np.full((len(trials), len(columns), len(bins)), np.nan if self.dtype.kind == "f" else 0, self.dtype)
        with h5py.File(self.file) as h5:
            if h5.attrs["content_digest"] != self.digest:
                raise RuntimeError(f"{self.file} was computed anew since it was opened: open it again")
            for path, its_trials, its_columns in self.blocks:
                to_trial, trial = _meet(trials, its_trials)
                to_column, column = _meet(columns, its_columns)
                if len(trial) and len(column):
                    part = _stretch(h5[path], trial.min(), trial.max() + 1)[trial - trial.min()][:, column]
                    late = part[:, :, part.shape[2] - self.shape[2]:]  # counts have bins that no rate was predicted for
                    values[np.ix_(to_trial, to_column)] = late[:, :, bins]
        return values[tuple(0 if part.ndim == 0 else slice(None) for part in chosen)]


def _meet(wanted, held):
    """Places in `wanted` of what `held` has too, and its places there."""
    place = {value: index for index, value in enumerate(held.tolist())}
    return np.array([(at, place[value]) for at, value in enumerate(wanted.tolist()) if value in place], int).reshape(-1, 2).T


def _stretch(dataset, begin, end):
    """(trial, column, bin) of some trials, however the dataset's axes lie."""
    names = _plain(dataset.attrs["axes"]).split()
    part = dataset[tuple(slice(begin, end) if name == "trial" else slice(None) for name in names)]
    return part.transpose(sorted(range(3), key=lambda axis: AXES.index(names[axis])))


def _plain(value):
    return value.decode() if isinstance(value, bytes) else value.item() if hasattr(value, "item") else value


def _column(values):
    return np.array([_plain(value) for value in values], object) if values.dtype.kind in "SO" else values


def rates_file(path):
    """rates.h5 of a session's folder or recording, of a folder of results, or itself. Raises FileNotFoundError."""
    path = Path(path)
    beside = path.parent / "rnn_output" / path.stem
    for place in (path / "rates.h5", path / "rnn_output/rates.h5", beside / "rates.h5", path):
        if place.name == "rates.h5" and place.is_file():
            return place
    found = sorted(path.glob("rnn_output/*/rates.h5"))
    if len(found) == 1:
        return found[0]
    raise FileNotFoundError(f"{path} has {len(found)} results in rnn_output: name the folder of one" if found else
                            f"{path}: no rates.h5 here or in rnn_output. Run rnn_rates.infer, or infer_write.")


def open_session(path):
    """The results of a session as an xarray.Dataset, whose large arrays are read when they are used.

    path: folder of the session or of its results, its recording's file, or rates.h5. The Dataset has

    rate_hz, rate_out_of_fold_hz, rate_standard_error_hz   (trial, unit, time_ms); attributes say what each rate knows
    latent_factors                                         (trial, factor, time_ms)
    counts                                                 (trial, unit, time_ms) spikes in each bin
    bits_per_hidden_spike, bits_over_best_simple           (fit, estimator), with ..._standard_error
    verdict, verdict_why                                   (fit); the most severe one is in the attributes

    with the coordinates unit (its id), unit_region, condition, trial_row, trial_time_s, trial_fold and time_ms (centre of the
    bin, from the stimulus). Trials stand in the order in which rnn_rates.infer was given them; of other recordings by
    condition, and trial_row is the row in the recording's own table.
    """
    file = rates_file(path)
    with h5py.File(file) as h5:
        if _plain(h5.attrs.get("kind", "")) != "rates" or "complete" not in h5.attrs:
            raise ValueError(f"{file} was not written by infer_write")
        fits = dict(h5["rnn_output/regions"])
        time_ms = next(iter(fits.values()))["time_ms"][:]
        shape = (len(h5["trials/row"]), 1 + max(int(fit["units"][:].max()) for fit in fits.values()), len(time_ms))
        data = xarray.Dataset(_rates(h5, fits, shape) | _factors(h5, fits, shape),
                              _coordinates(h5, fits, shape) | {"time_ms": time_ms})
        data = xarray.merge([data.set_coords("factor_region"), _scores(h5, fits)])
        worst = data.isel(fit=np.argmax([VERDICTS.index(verdict) for verdict in data.verdict.values]))
        data.attrs = {"session": file.parent.name, "folder": str(file.parent.resolve()), "verdict": worst.verdict.item(),
                      "verdict_why": worst.verdict_why.item()}
        data.attrs |= {key: _plain(h5.attrs[key]) for key in ("program_version", "created_utc", "content_digest", "seed")}
        for group in ("session", "leak_test"):
            data.attrs |= {name: float(value[()]) for name, value in h5.get(f"metrics/{group}", {}).items()}
    return _as_given(data.assign(_counts(file.with_name("bins.h5"), shape)), file.parent)


def _variable(h5, shape, dtype, blocks, column, attributes):
    grid = indexing.LazilyIndexedArray(_Grid(h5, shape, dtype, blocks))
    return xarray.Variable(("trial", column, "time_ms"), grid, attributes)


def _said(datasets):
    """Attributes of a dataset of all fits; of what rates know, the most that those of any fit do."""
    first, *_ = all_said = [{key: _plain(value) for key, value in dataset.attrs.items()} for dataset in datasets]
    return {key: max(said[key] for said in all_said) if key in KNOWS else first[key]
            for key in ("long_name", "units", *KNOWS) if key in first}


def _rates(h5, fits, shape):
    found = {}
    for name in RATES:
        holding = [fit for fit in fits.values() if name in fit]
        if holding:
            blocks = [(fit[name].name, fit["trials"][:], fit["units"][:]) for fit in holding]
            found[name] = _variable(h5, shape, "f4", blocks, "unit", _said([fit[name] for fit in holding]))
    return found


def _factors(h5, fits, shape):
    """Latent factors, region after region. Those of one region's trials may be of several networks."""
    regions = {name: _plain(fit.attrs["region"]) for name, fit in fits.items()}
    sizes = {region: max(fit["latent_out"].shape[2] for name, fit in fits.items() if regions[name] == region)
             for region in regions.values()}
    starts = dict(zip(sizes, np.cumsum([0, *sizes.values()])))
    blocks = [(fit["latent_out"].name, fit["trials"][:], starts[regions[name]] + np.arange(fit["latent_out"].shape[2]))
              for name, fit in fits.items()]
    said = _said([fit["latent_factors" if "latent_factors" in fit else "latent_out"] for fit in fits.values()])
    return {"latent_factors": _variable(h5, (shape[0], sum(sizes.values()), shape[2]), "f4", blocks, "factor", said),
            "factor_region": ("factor", np.repeat(np.array(list(sizes), object), list(sizes.values())))}


def _coordinates(h5, fits, shape):
    found = {"trial": np.arange(shape[0]), "unit": h5["units/id"][:shape[1]] if "units/id" in h5 else np.arange(shape[1])}
    for name, column in h5["trials"].items():
        if isinstance(column, h5py.Dataset):
            found[COLUMNS.get(name, f"trial_{name}")] = ("trial", _column(column[:]))
    regions, folds = np.full(shape[1], "", object), np.full(shape[0], -1)
    for fit in fits.values():
        regions[fit["units"][:]] = _column(fit["unit_region"][:])
        if fit.get("trial_fold"):
            folds[fit["trials"][:]] = fit["trial_fold"][:]
    found["unit_region"] = ("unit", regions)
    return found | ({"trial_fold": ("trial", folds)} if folds.max() >= 0 else {})


def _scores(h5, fits):
    """Scores (fit, estimator) and verdicts (fit)."""
    tables, verdicts = [], []
    for name in fits:
        table = h5.get(f"scores/{name}", {})
        methods = _column(table["methods"][:]) if table else np.array([], object)
        tables.append(xarray.Dataset({ours: ("estimator", table[theirs][:], {"units": "bits per spike"})
                                      for theirs, ours in SCORES.items() if table}, {"estimator": methods}))
        verdicts.append(_column(h5[f"verdicts/{name}"][:]) if f"verdicts/{name}" in h5 else ("", ""))
    found = xarray.concat(tables, pandas.Index(list(fits), dtype=object, name="fit"), join="outer")
    return found.assign(verdict=("fit", [verdict for verdict, _ in verdicts]), verdict_why=("fit", [why for _, why in verdicts]))


def _counts(bins, shape):
    """Spike counts, and which bins were observed where not all were, of bins.h5 if it is at hand."""
    found = {}
    if bins.is_file():
        with h5py.File(bins) as h5:
            for name, group, member, dtype in (("counts", "tastes", "/counts", "u2"), ("observed", "trials/observed", "", "?")):
                datasets = [h5[f"{group}/{taste}{member}"] for taste in sorted(h5.get(group, {}))]
                ends = np.cumsum([len(dataset) for dataset in datasets])
                blocks = [(dataset.name, np.arange(end - len(dataset), end), np.arange(dataset.shape[1]))
                          for dataset, end in zip(datasets, ends)]
                if blocks:
                    found[name] = _variable(h5, shape, dtype, blocks, "unit", {"units": "spikes" if name == "counts" else "1"})
    return found


def _as_given(data, folder):
    """Of a recording that rnn_rates.infer wrote: with the ids of units and the order of trials that it was given."""
    recording = next((path for ending in ("nwb", "h5") for path in [folder / f"../../recording.{ending}"] if path.is_file()), None)
    if folder.name != "recording" or recording is None:
        return data
    with h5py.File(recording) as h5:
        if h5.attrs.get("made_by") != _recording.MADE_BY:
            return data
        rows = data.trial_row.values
        if "rnn_rates/trials" in h5:
            rows = np.array([h5[f"rnn_rates/trials/{name}"][row] for name, row in zip(data.condition.values, rows)])
        data = data.assign_coords(unit=_column(h5["rnn_rates/unit_ids"][:]), trial_row=("trial", rows))
        data = data.drop_vars(["trial_condition", "trial_start_time"], errors="ignore")
    order = np.argsort(rows, kind="stable")
    return data.isel(trial=order).assign_coords(trial=np.arange(len(order)))


def open_dataset(manifest, out=None):
    """The results of all sessions of a list as an xarray.DataTree: by the session's id, a Dataset like open()'s for each.

    out: the folder that -o named. Sessions without results are warned of, and named in the attribute without_results.
    """
    sessions = _programs.listed_sessions(["--manifest", manifest] + ([] if out is None else ["-o", out]))
    missing = [each["session"] for each in sessions if not (Path(each["out"]) / "rates.h5").is_file()]
    if missing:
        warnings.warn(f"{len(missing)} of {len(sessions)} sessions have no rates: {', '.join(missing)}", stacklevel=2)
    tree = xarray.DataTree.from_dict({each["session"]: open_session(each["out"])
                                      for each in sessions if each["session"] not in missing})
    tree.attrs["without_results"] = missing
    return tree
