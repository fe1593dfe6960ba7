"""Which trial is which: its row, time and columns of the recording's table stand beside counts, spikes and rates, and in
rates.nwb, where pynwb finds the samples of each trial by its own time, also where windows overlap."""
import json

import h5py
import numpy as np

import nwb
import pipeline
import pynwb_file
from pipeline import REFERENCE, STAGES
from pynwb_file import FLAGS

ROWS = 24
#: (row) the trial that it holds, by time; the cue of each, 0.9 s apart, three of them missing.
ORDER = np.random.default_rng(1).permutation(ROWS)
CUES_S = np.where(np.isin(np.arange(ROWS), (2, 3, 17)), np.nan, 2.2 + 0.9 * ORDER)
CONDITIONS = np.array(["sucrose", "water", "NaCl"] * 8)[ORDER]
BY_CONDITION = ["NaCl", "sucrose", "water"]
COLUMNS = {"choice": np.array(["left", "right"] * 12), "reaction_s": np.arange(ROWS) / 8, "correct": np.arange(ROWS) % 3 == 0,
           "licks": np.arange(ROWS) ** 2}

RECORDING = f"""
from pynwb.file import Subject
file.subject = Subject(subject_id="M1", species="Mus musculus", sex="F", age="P90D")
for unit, times in enumerate(trains):
    file.add_unit(spike_times=times, obs_intervals=[[0, 12.6 if unit == 2 else 130]])
for name in ("go_cue", "condition", "choice", "reaction_s", "correct", "licks", "note"):
    file.add_trial_column(name, "of the task")
file.add_trial_column("tags_of_trial", "several words", index=True)
cues, order, conditions = {[None if np.isnan(cue) else float(cue) for cue in CUES_S]}, {ORDER.tolist()}, {CONDITIONS.tolist()}
for row, (cue, start) in enumerate(zip(cues, 2 + 0.9 * np.array(order))):
    file.add_trial(start_time=start, stop_time=start + 2, go_cue=np.nan if cue is None else cue, condition=conditions[row],
                   choice=["left", "right"][row % 2], reaction_s=row / 8, correct=row % 3 == 0, licks=row ** 2, note="x" * 300,
                   tags_of_trial=["a", "b"])
"""

# What pynwb makes of rates.nwb: of each trial its columns and the samples that it refers to.
LOOK = """
import json, sys
from nwbinspector import Importance, inspect_nwbfile
from pynwb import read_nwb, validate
path = sys.argv[1]
found = validate(path=path)
errors = [str(one) for one in (found[0] if isinstance(found, tuple) else found)]
errors += [m.message for m in inspect_nwbfile(nwbfile_path=path, importance_threshold=Importance.BEST_PRACTICE_VIOLATION)]
file = read_nwb(path)
trials = []
for row in range(len(file.trials)):
    trial = {name: column[row] for name, column in zip(file.trials.colnames, file.trials.columns) if name != "timeseries"}
    trial = {name: value.item() if hasattr(value, "item") else value for name, value in trial.items() if isinstance(value, (str, float, int)) or hasattr(value, "item")}
    trial["samples"] = {one.timeseries.name: [one.timestamps.tolist(), one.data.tolist()] for one in file.trials["timeseries"][row]}
    trials.append(trial)
print(json.dumps(dict(errors=errors, trials=trials, subject=[type(file.subject).__name__, file.subject.subject_id, file.subject.species,
                      file.subject.age], description=file.trials.description,
                      times={name: one.timestamps[:].tolist() for name, one in file.processing["rnn_rates"].data_interfaces.items()
                             if name != "units"})))
"""


def texts(dataset):
    return dataset.asstr()[()].tolist()


class WhichTrial(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.path = pynwb_file.write(self.folder / "own.nwb", RECORDING)
        self.extend_subject()
        self.out = self.folder / "rnn_output" / "own"
        self.flags = ["-c", str(REFERENCE), "--set", "train.steps=20", *FLAGS, "--set", "nwb.align_to=go_cue"]
        taken = [row for row in range(ROWS) if np.isfinite(CUES_S[row])]
        self.rows = sorted(taken, key=lambda row: (BY_CONDITION.index(CONDITIONS[row]), CUES_S[row]))

    def extend_subject(self):
        """The subject's type becomes one of an extension, whose specification the file carries."""
        with h5py.File(self.path, "a") as h5:
            subject = h5["general/subject"]
            subject.attrs["namespace"], subject.attrs["neurodata_type"] = "ndx-lab", "LabSubject"
            subject["implants"] = [1.0, 2.0]
            types = {"groups": [{"neurodata_type_def": "LabSubject", "neurodata_type_inc": "Subject", "doc": "a subject",
                                 "name": "subject", "datasets": [{"name": "implants", "dtype": "float", "shape": [None],
                                                                  "doc": "sites"}]}]}
            space = {"namespaces": [{"name": "ndx-lab", "version": "0.1.0", "doc": "of a lab", "author": "a lab",
                                     "contact": "a@b.c", "schema": [{"namespace": "core", "neurodata_types": ["Subject"]},
                                                                    {"source": "ndx-lab.extensions"}]}]}
            group = h5.create_group("specifications/ndx-lab/0.1.0")
            group["namespace"], group["ndx-lab.extensions"] = json.dumps(space), json.dumps(types)

    def check_columns(self, table, rows):
        """A group of columns (trial) says what the recording's table says in its rows `rows`."""
        self.assertEqual(table["row"][()].tolist(), rows)
        np.testing.assert_array_equal(table["time_s"][()], CUES_S[rows])
        self.assertEqual(texts(table["taste"]), CONDITIONS[rows].tolist())
        self.assertEqual(texts(table["choice"]), COLUMNS["choice"][rows].tolist())
        self.assertEqual(texts(table["tags_of_trial"]), ["a+b"] * len(rows))
        for name in ("reaction_s", "correct", "licks"):
            np.testing.assert_array_equal(table[name][()], COLUMNS[name][rows], name)
        np.testing.assert_allclose(table["start_time"][()], CUES_S[rows] - 0.2)
        self.assertNotIn("note", table)

    def check_spikes(self, h5):
        """Every window has its spikes by the ms, but in bins that were not observed."""
        observed = np.concatenate([taste[()] for taste in h5["trials/observed"].values()]).astype(bool)
        self.assertFalse(observed.all())
        counts = np.concatenate([taste["counts"][()] for taste in h5["tastes"].values()]) * observed
        starts = np.broadcast_to(np.arange(0, 1500, 25), counts.shape)
        ms = np.repeat(starts.ravel(), counts.ravel()) + h5["spikes/ms_in_bin"][()]
        found = np.split(ms, counts.sum(2).cumsum()[:-1])
        for trial, row in enumerate(self.rows):
            for unit, times in enumerate(pynwb_file.spike_times(self.path)):
                ms = np.floor((times - CUES_S[row]) * 1000 + 500 + 1e-6).astype(int)
                ms = ms[(ms >= 0) & (ms < 1500)]
                np.testing.assert_array_equal(found[trial * 5 + unit], ms[observed[trial, unit, ms // 25]])
        self.assertEqual(len(found), 5 * len(self.rows))

    def check_rates(self, h5):
        self.check_columns(h5["trials"], self.rows)
        for taste, name in enumerate(BY_CONDITION):
            fit = h5[f"rnn_output/regions/region_all_taste_{taste}"]
            rows = [row for row in self.rows if CONDITIONS[row] == name]
            self.assertEqual(fit["trial_row"][()].tolist(), rows)
            self.assertEqual(h5["trials/row"][()][fit["trials"][()]].tolist(), rows)
            np.testing.assert_array_equal(fit["trial_time_s"][()], CUES_S[rows])
            self.assertEqual(texts(fit["trial_taste_name"]), [name] * len(rows))
            self.assertEqual(texts(fit["unit_region"]), ["all"] * 5)

    def check_nwb(self, found, h5):
        self.assertEqual(found["errors"], [])
        self.assertEqual(found["subject"], ["Subject", "M1", "Mus musculus", "P90D"])
        self.assertIn("order of recording", found["description"])
        self.assertEqual([trial["trial_row"] for trial in found["trials"]], sorted(self.rows, key=lambda row: CUES_S[row]))
        for times in found["times"].values():
            self.assertTrue((np.diff(times) > 0).all())
        for trial in found["trials"]:
            row = trial["trial_row"]
            self.assertEqual((trial["stimulus_time"], trial["condition"]), (CUES_S[row], CONDITIONS[row]))
            np.testing.assert_allclose((trial["start_time"], trial["recorded_start_time"]), CUES_S[row] - [0.5, 0.2])
            for name, values in COLUMNS.items():
                self.assertEqual(trial[name], values[row])
            fit = f"region_all_taste_{BY_CONDITION.index(CONDITIONS[row])}"
            group = h5[f"rnn_output/regions/{fit}"]
            at = group["trial_row"][()].tolist().index(row)
            for kind, values in (("rate", group["rate_hz"][at].T), ("latent", group["latent_out"][:, at])):
                ((times, data),) = [pair for name, pair in trial["samples"].items() if name.startswith(f"{fit}_{kind}")]
                np.testing.assert_allclose(times, CUES_S[row] + group["time_ms"][()] / 1000, atol=1e-9)
                np.testing.assert_array_equal(np.array(data, np.float32), values)
            self.assertEqual(len(trial["samples"]), 2)

    def test_of_an_nwb_file(self):
        self.run_all(self.path, *self.flags, stages=STAGES[:3])
        self.run_ok("infer_write", self.path, *self.flags, "--nwb")
        with h5py.File(self.out / "bins.h5") as h5:
            self.check_columns(h5["trials"], self.rows)
            self.check_spikes(h5)
        with h5py.File(self.out / "rates.h5") as h5:
            self.check_rates(h5)
            self.check_nwb(json.loads(nwb.run("-W", "ignore", "-c", LOOK, self.out / "rates.nwb").splitlines()[-1]), h5)


if __name__ == "__main__":
    pipeline.main()
