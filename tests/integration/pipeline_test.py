"""Real recordings, as make_sessions.py writes them, through all five stages with configs/reference.toml."""
import shutil
import tempfile
from pathlib import Path

import h5py
import numpy as np
import tables

import pipeline
import small_session
from hdf5_objects import objects
from pipeline import REFERENCE, STAGES, statuses

BIN_MS, START_MS, END_MS = 25, 1500, 4500
FEW_STEPS = ["-c", REFERENCE, "--set", "train.steps=20", "--set", "train.validate_every=10"]
TRIALS = {"katz_gc": [30], "locust": [25, 25, 22, 25]}
UNITS = {"katz_gc": 29, "locust": 10}


class RecordedSession(pipeline.PipelineTest):
    @classmethod
    def setUpClass(cls):
        cls.sessions = Path(tempfile.mkdtemp(prefix="rnn_rates_test."))
        cls.addClassCleanup(shutil.rmtree, cls.sessions, ignore_errors=True)
        pipeline.make_sessions(cls.sessions, *TRIALS)

    def run_session(self, name, *arguments, stages=STAGES):
        """Runs the stages on one recording; returns the folder of its results."""
        self.reports = self.run_all(self.sessions / name, "-o", self.folder, *FEW_STEPS, *arguments, stages=stages)
        return self.folder / name

    def spikes(self, name):
        """(trial, unit, ms) of each taste, read by h5py."""
        with h5py.File(self.sessions / name / f"{name}.h5") as file:
            return [file[f"spike_trains/dig_in_{taste}/spike_array"][()] for taste in range(len(TRIALS[name]))]


class Reference(RecordedSession):
    def test_bins_are_numpys_sums_of_the_spikes(self):
        for name in TRIALS:
            out = self.run_session(name, stages=STAGES[:1])
            with h5py.File(out / "bins.h5") as file:
                self.assertEqual(file["bin_edges_ms"][()].tolist(), list(range(START_MS, END_MS + 1, BIN_MS)))
                self.assertEqual(file["stim_ms"][()], 2000)
                self.assertEqual(len(file["tastes"]), len(TRIALS[name]))
                for taste, spikes in enumerate(self.spikes(name)):
                    expected = spikes[:, :, START_MS:END_MS].reshape(*spikes.shape[:2], -1, BIN_MS).sum(axis=3)
                    np.testing.assert_array_equal(file[f"tastes/{taste:03}/counts"][()], expected)

    def test_regions_and_tastes_come_from_the_info_file(self):
        out = self.run_session("locust", stages=STAGES[:1])
        with h5py.File(out / "bins.h5") as file:
            self.assertEqual(file["unit_regions"][()].tolist(), [b"al0"] * 6 + [b"al1"] * 4)
            self.assertEqual(file["taste_names"][()].tolist(), [b"citral", b"vanilla", b"octanol", b"mint"])
            self.assertEqual(file["taste_dig_ins"][()].tolist(), [b"dig_in_%d" % taste for taste in range(4)])

    def test_all_five_stages_run_and_leave_everything_in_one_folder(self):
        for name, trials in TRIALS.items():
            out = self.run_session(name)
            self.assertFalse((self.sessions / name / "rnn_output").exists())
            fits = [f"region_all_taste_{taste}" for taste in range(len(trials))]
            self.assertEqual(sorted(path.stem for path in (out / "models").iterdir()), fits)
            with h5py.File(out / "rates.h5") as rates:
                self.assertEqual(list(rates["rnn_output/regions"]), fits)
                for fit, count in zip(fits, trials):
                    group = rates[f"rnn_output/regions/{fit}"]
                    self.assertEqual(group["pred_firing"].shape, (count, UNITS[name], 116))
                    self.assertEqual(group["latent_out"].shape, (116, count, 8))
                    self.assertEqual(group["pred_x"][()].tolist(), list(range(100, 3000, BIN_MS)))
                    self.assertEqual(group["time_ms"][0], -400 + BIN_MS / 2)
            plots = sorted(str(path.relative_to(out / "plots")) for path in (out / "plots").rglob("*.png"))
            self.assertEqual(plots, ["gallery_region_all.png", "losses.png", "mean_rates_region_all.png", "scores.png"])
            self.assertTrue((out / "plots" / "units_region_all.pdf").read_bytes().startswith(b"%PDF-"))
            self.assertTrue((out / "report.html").exists())
            for path in plots:
                self.assertEqual((out / "plots" / path).read_bytes()[:8], b"\x89PNG\r\n\x1a\n", path)

    def test_split_and_training_follow_the_settings(self):
        out = self.run_session("locust", stages=STAGES[:3])
        with h5py.File(out / "pca.h5") as file:
            for taste, trials in enumerate(TRIALS["locust"]):
                fit = file[f"fits/region_all_taste_{taste}"]
                train, test = fit["train_trials"][()], fit["test_trials"][()]
                self.assertEqual(len(train), int(0.75 * trials))
                self.assertEqual(sorted([*train, *test]), list(range(trials)))
                self.assertGreater(fit["explained_variance_ratio"][()].sum(), 0.95)
                self.assertLessEqual(fit["explained_variance_ratio"][:-1].sum(), 0.95)
                with h5py.File(out / "models" / f"region_all_taste_{taste}.h5") as model:
                    self.assertEqual(model["test_trials"][()].tolist(), test.tolist())
                    self.assertEqual(len(model["train_loss"]), 20)
                    self.assertEqual(model["validation_steps"][()].tolist(), [10, 20])


class OtherFits(RecordedSession):
    def run_session(self, name, *arguments, stages=STAGES):
        return super().run_session(name, *arguments, "--set", "plots.select=['losses','mean_rates']", stages=stages)

    def check(self, out, expected):
        """`expected`: {fit: (trials, units)}."""
        with h5py.File(out / "rates.h5") as rates:
            self.assertEqual(set(rates["rnn_output/regions"]), set(expected))
            for fit, (trials, units) in expected.items():
                group = rates[f"rnn_output/regions/{fit}"]
                self.assertEqual(group["pred_firing"].shape, (trials, len(units), 116), fit)
                self.assertEqual(group["units"][()].tolist(), units)
                self.assertEqual(group["trial_taste"].shape, (trials,))
        self.assertEqual({path.stem for path in (out / "models").iterdir()}, set(expected))
        regions = {fit.split("_taste_")[0] for fit in expected}
        pictures = {path.stem for path in (out / "plots").glob("*.png")}
        self.assertEqual(pictures, {"losses"} | {f"mean_rates_{name}" for name in regions})

    def test_a_network_for_each_region_and_taste(self):
        out = self.run_session("locust", "--set", "fits.separate_regions=true")
        regions = {"al0": [0, 1, 2, 3, 4, 5], "al1": [6, 7, 8, 9]}
        self.check(out, {f"region_{region}_taste_{taste}": (trials, units) for region, units in regions.items()
                         for taste, trials in enumerate(TRIALS["locust"])})

    def test_one_network_for_all_tastes(self):
        out = self.run_session("locust", "--set", "fits.separate_tastes=false")
        self.check(out, {"region_all_taste_all": (97, list(range(10)))})
        with h5py.File(out / "rates.h5") as rates, h5py.File(out / "pca.h5") as pca:
            tastes = rates["rnn_output/regions/region_all_taste_all/trial_taste"][()]
            self.assertEqual(tastes.tolist(), [0] * 25 + [1] * 25 + [2] * 22 + [3] * 25)
            train = pca["fits/region_all_taste_all/train_trials"][()]
            self.assertEqual(np.bincount(tastes[train]).tolist(), [18, 18, 16, 18])

    def test_one_network_for_all_tastes_of_each_region_by_flags(self):
        self.run_session("locust", stages=STAGES[:1])
        self.run_ok("reduce_pca", self.sessions / "locust", "-o", self.folder, *FEW_STEPS, "--no-separate-tastes",
                    "--separate-regions")
        out = self.run_session("locust", stages=STAGES[2:])
        self.check(out, {"region_al0_taste_all": (97, [0, 1, 2, 3, 4, 5]), "region_al1_taste_all": (97, [6, 7, 8, 9])})

    def test_layouts_that_are_ignored_leave_one_region(self):
        out = self.run_session("locust", "--set", "fits.separate_regions=true", "--set", "regions=all",
                               "--set", "fits.separate_tastes=false")
        self.check(out, {"region_all_taste_all": (97, list(range(10)))})


class Publish(RecordedSession):
    def test_rates_stand_in_the_recording_and_all_else_is_as_it_was(self):
        for name, trials in TRIALS.items():
            before = objects(small_session.h5_of(self.sessions / name))
            self.run_session(name, stages=STAGES[:4])
            report = self.run_ok("infer_write", self.sessions / name, "-o", self.folder, *FEW_STEPS, "--publish")
            self.assertEqual(statuses(report), {"rates.h5": "up to date", f"{name}.h5": "computed"})
            self.assertEqual(objects(small_session.h5_of(self.sessions / name)), before)
            with tables.open_file(str(small_session.h5_of(self.sessions / name))) as file:
                for taste, region in enumerate(file.list_nodes("/rnn_output/regions")):
                    self.assertEqual(region.pred_firing[:].shape, (trials[taste], UNITS[name], 116))
                    self.assertEqual(region._v_pathname, f"/rnn_output/regions/region_all_taste_{taste}")


if __name__ == "__main__":
    pipeline.main()
