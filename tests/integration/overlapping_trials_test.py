"""Trials that follow each other faster than their windows are long share spikes: none of them is learnt from and tested on."""
import itertools
import os

import h5py
import numpy as np

import pipeline
from nwb_read_test import write_plain

WINDOW_S = 1.5
FLAGS = ("--set", "stim_ms=500", "--set", "time_lims_ms=[0,1500]")


def write_flat_units(path, trials, every_s, units=8, seed=5):
    """Units of constant rates, so nothing foretells a hidden spike: the truth is 0 bits and flat rates. Returns these in Hz."""
    random = np.random.default_rng(seed)
    rates_hz, end_s = np.linspace(8, 20, units), 10 + trials * every_s
    spikes = [np.sort(random.uniform(0, end_s, random.poisson(rate_hz * end_s))) for rate_hz in rates_hz]
    starts_s = 2 + every_s * np.arange(trials)
    write_plain(path, spikes, starts_s, conditions=["ab"[trial % 2] for trial in range(trials)])
    return rates_hz


class OverlappingTrials(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "flat.nwb"

    def result(self, name):
        return h5py.File(self.folder / "rnn_output/flat" / name)

    def fit(self):
        """The only fit of pca.h5: its trials' times and the fold of each."""
        with self.result("pca.h5") as h5:
            (fit,) = h5["fits"].values()
            return {name: fit[name][()] for name in ("trial_time_s", "trial_fold", "train_trials", "test_trials")}

    def test_they_tell_nothing_about_each_other(self):
        if "ASAN_OPTIONS" in os.environ:
            self.skipTest("a whole training takes too long under the sanitizers")
        rates_hz = write_flat_units(self.path, 48, 0.3)
        for stage in ("extract_bins", "reduce_pca", "train_rnn", "infer_write"):
            done = pipeline.run_stage(stage, self.path, *FLAGS, "--set", "infer.baselines=true")
            self.assertEqual(done.returncode, 0, done.stderr)
            if stage == "reduce_pca":
                self.assertIn("the windows of 1500 ms of 48 of 48 trials overlap", done.stderr)
        with self.result("rates.h5") as h5:
            (scores,) = h5["scores"].values()
            bits = dict(zip(scores["methods"].asstr()[()], scores["bits_per_hidden_spike"][()]))
            inferred_hz = h5["rnn_output/regions/region_all_taste_all/rate_hz"][()]
        self.assertTrue({"combined", "rnn", "gaussian", "boxcar_250ms", "baks", "gpfa"} <= set(bits))
        for method, of_method in bits.items():
            self.assertLess(abs(of_method), 0.03, method)
        self.assertLess(np.sqrt(np.mean((inferred_hz / rates_hz[:, None] - 1) ** 2)), 0.1)

    def test_neighbours_are_held_out_together(self):
        write_flat_units(self.path, 48, 0.75)
        for stage in ("extract_bins", "reduce_pca"):
            self.run_ok(stage, self.path, *FLAGS)
        fit = self.fit()
        by_time = fit["trial_fold"][np.argsort(fit["trial_time_s"])]
        self.assertEqual([fold for fold, _ in itertools.groupby(by_time)], [0, 1, 2, 3])

    def test_a_single_split_keeps_a_distance_too(self):
        write_flat_units(self.path, 48, 0.75)
        for stage in ("extract_bins", "reduce_pca"):
            self.run_ok(stage, self.path, *FLAGS, "--set", "train.folds=1")
        fit = self.fit()
        train_s, test_s = (fit["trial_time_s"][fit[name]] for name in ("train_trials", "test_trials"))
        self.assertEqual(len(test_s), 12)
        self.assertGreaterEqual(np.abs(train_s[:, None] - test_s).min(), WINDOW_S)

    def test_where_too_little_is_left_the_message_says_what_to_do(self):
        write_flat_units(self.path, 12, 0.1)
        self.run_ok("extract_bins", self.path, *FLAGS)
        self.run_fails(4, ["overlap so much", "time_lims_ms", "chop.window_ms"], "reduce_pca", self.path, *FLAGS)


if __name__ == "__main__":
    pipeline.main()
