"""Rates say what they are made from, and infer_write finds rates that tell the condition or another region without spikes that do."""
import json
import os

import h5py
import numpy as np

import pipeline
import small_session

SETTINGS = ("--set", "stim_ms=500", "--set", "time_lims_ms=[0,1000]", "--set", "train.steps=60")
#: Electrodes of units of gc, then of bla.
ELECTRODES = [0, 1, 2, 3, 4, 5, 6, 7]
ALL = "rnn_output/regions/region_all_taste_all"


def flat_units(trials=(20, 20), seed=3):
    """Units that fire at constant rates whatever the taste: there is nothing to tell and nothing shared."""
    random = np.random.default_rng(seed)
    rates = np.linspace(10, 40, len(ELECTRODES))[:, None] / 1000
    return [(random.random((count, len(ELECTRODES), 1000)) < rates).astype(np.float64) for count in trials]


class Leak(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        if "ASAN_OPTIONS" in os.environ:
            self.skipTest("whole trainings take too long under the sanitizers")

    def infer(self, *settings, arrays=None, stages=("extract_bins", "reduce_pca", "train_rnn")):
        """Runs a session of flat units; returns what infer_write reports, and what it says."""
        self.session = small_session.write(self.folder / "session", flat_units() if arrays is None else arrays,
                                           electrodes=ELECTRODES)
        for stage in stages:
            self.run_ok(stage, self.session, *SETTINGS, *settings)
        done = pipeline.run_stage("infer_write", self.session, *SETTINGS, *settings, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["sessions"][0]["metrics"], done.stderr

    def rates(self, name="rates.h5"):
        return h5py.File(self.session / "rnn_output" / name)

    def test_one_network_per_taste_is_told_off_in_log_page_and_file(self):
        metrics, said = self.infer("--set", "fits.separate_tastes=true", "--set", "fits.separate_regions=false")
        told = metrics["leak_test"]
        self.assertGreater(told["condition_told_before_rate_hz"], 0.9)
        self.assertLess(told["condition_told_before_counts"], 0.8)
        self.assertLessEqual(told["condition_told_before_p_rate_hz"], 0.01)
        self.assertIn("warning: session: rate_hz tells the condition of 100% of trials", said)
        with self.rates() as h5:
            self.assertEqual(h5["rnn_output/regions/region_all_taste_0/rate_hz"].attrs["uses_condition_label"], 1)
            self.assertEqual(h5["metrics/leak_test/condition_told_before_rate_hz"][()], told["condition_told_before_rate_hz"])
        self.run_ok("plot_rates", self.session, *SETTINGS, "--set", "fits.separate_tastes=true", "--set",
                    "fits.separate_regions=false", "--set", "plots.select=['losses']")
        page = (self.session / "rnn_output/report.html").read_text()
        self.assertIn("rate_hz tells the condition of 100% of trials", page)
        self.assertIn("Leak test: trials whose condition is told", page)
        self.assertIn("What rates are made from", page)

    def test_a_joint_fit_of_two_regions_is_told_off_and_separate_ones_are_not(self):
        # With seed 3 counts happen to correlate by .38, which hides what rates add.
        arrays = flat_units(seed=4)
        metrics, said = self.infer("--set", "fits.separate_regions=false", "--set", "infer.combine_with=[]", arrays=arrays)
        self.assertGreater(metrics["leak_test"]["regions_correlated_rate_hz"], 0.6)
        self.assertIn("correlates the single trials of bla and gc", said)
        with self.rates() as h5:
            self.assertEqual(h5[f"{ALL}/rate_hz"].attrs["uses_other_regions"], 1)
        metrics, said = self.infer("--set", "infer.combine_with=[]", arrays=arrays)
        self.assertNotIn("correlates the single trials", said)
        self.assertIn("regions_correlated_rate_hz", metrics["leak_test"])
        with self.rates() as h5:
            self.assertEqual(h5["rnn_output/regions/region_gc_taste_all/rate_hz"].attrs["uses_other_regions"], 0)

    def test_the_network_alone_knows_no_condition_and_passes(self):
        alone = ("-c", pipeline.SOURCE / "configs/causal.toml")
        metrics, said = self.infer(*alone)
        self.assertNotIn("tells the condition", said)
        self.assertGreater(metrics["leak_test"]["condition_told_before_p_rate_hz"], 0.01)
        with self.rates() as h5:
            for fit in h5["rnn_output/regions"].values():
                for name in ("rate_hz", "rate_out_of_fold_hz", "rate_standard_error_hz", "pred_firing", "latent_out", "latent_factors"):
                    attributes = fit[name].attrs
                    self.assertEqual((attributes["uses_condition_label"], attributes["uses_future_ms"], attributes["uses_own_spikes"]),
                                     (0, 0, 1), name)
        self.run_ok("infer_write", self.session, *SETTINGS, *alone, "--publish", "--nwb")
        with h5py.File(self.session / "session.h5") as h5:
            for fit in h5["rnn_output/regions"].values():
                self.assertEqual(fit["rate_hz"].attrs["uses_future_ms"], 0)
        with self.rates("rates.nwb") as h5:
            series = [series for name, series in h5["processing/rnn_rates"].items() if name.endswith("_rate")]
            for one in series:
                self.assertIn("made from the trial's spikes up to the bin", one.attrs["comments"])

    def test_the_default_recipe_passes_and_says_how_far_it_looks_ahead(self):
        metrics, said = self.infer()
        self.assertNotIn("tells the condition", said)
        self.assertGreater(metrics["leak_test"]["condition_told_before_p_rate_hz"], 0.01)
        self.assertGreater(metrics["leak_test"]["condition_told_before_p_rate_out_of_fold_hz"], 0.01)
        with self.rates() as h5:
            attributes = h5["rnn_output/regions/region_gc_taste_all/rate_hz"].attrs
            self.assertEqual((attributes["uses_condition_label"], attributes["uses_future_ms"]), (0, 1000))

    def test_too_few_trials_are_not_tested(self):
        metrics, said = self.infer(arrays=flat_units((2, 20)))
        self.assertNotIn("leak_test", metrics)
        self.assertNotIn("tells the condition", said)
        with self.rates() as h5:
            self.assertNotIn("leak_test", h5)


if __name__ == "__main__":
    pipeline.main()
