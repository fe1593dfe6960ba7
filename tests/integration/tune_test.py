"""Tuning: settings are tried and chosen alike on any number of ranks, also after a kill."""
import os
import subprocess
import unittest

import h5py
import numpy as np

import mpi_run
import pipeline
import processes
import small_session
from pipeline import digests, statuses

#: Five candidates for a quarter of the steps, then two or three for all; two networks.
FLAGS = ["--set", "tune.trials=5", "--set", "train.folds=2", "--set", "train.validate_every=2",
         *small_session.flags(train__steps="16")[2:]]
FOLDS = [f"region_all_taste_all_fold_{fold}.h5" for fold in (0, 1)]


@unittest.skipIf("ASAN_OPTIONS" in os.environ, "trains too long under the sanitizers")
class Tune(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.session = small_session.write(self.folder / "session")

    def prepare(self, name, *sessions):
        out = self.folder / name
        for stage in ("extract_bins", "reduce_pca"):
            self.run_ok(stage, *FLAGS, "-o", out, *(sessions or [self.session]))
        return out

    def train(self, out, *arguments, **options):
        return self.run_ok("train_rnn", *FLAGS, *arguments, "-o", out, self.session, **options)

    def tuned(self, models):
        with h5py.File(models / FOLDS[0]) as file:
            return {name: values[()] for name, values in file["tuned"].items()}

    def test_the_same_on_any_number_of_ranks_and_after_a_kill(self):
        alone, ranks, killed = (self.prepare(name) for name in ("alone", "ranks", "killed"))
        expected = digests(self.train(alone, "--threads", "1"))
        self.assertEqual(sorted(expected), FOLDS)
        self.assertEqual(digests(self.train(ranks, **mpi_run.on(2))), expected)

        models = killed / "session/models"
        process = subprocess.Popen([str(word) for word in [pipeline.BIN / "train_rnn", *FLAGS, "--threads", 1, "-o",
                                                           killed, self.session]], stderr=subprocess.DEVNULL)
        processes.wait_until(process, lambda: len(list(models.glob("*_trial_*_rung_0.h5"))) >= 3)
        process.kill()
        process.wait()
        before = pipeline.modified_ns(models, "*_rung_0.h5")
        self.assertEqual(digests(self.train(killed)), expected)
        self.assertEqual({path: time for path, time in pipeline.modified_ns(models, "*_rung_0.h5").items() if path in before},
                         before)
        self.assertEqual(set(statuses(self.train(killed)).values()), {"up to date"})

    def test_the_model_tells_what_was_tried_and_is_that_of_the_settings_that_won(self):
        models = self.prepare("out") / "session/models"
        self.train(models.parent.parent)
        tuned = self.tuned(models)
        self.assertEqual(list(tuned["candidate"][:5]), [0, 1, 2, 3, 4])
        self.assertIn(0, tuned["candidate"][5:])
        self.assertIn(tuned["chosen"], tuned["candidate"][5:])
        np.testing.assert_allclose(tuned["part_of_steps"], [0.25] * 5 + [1] * (len(tuned["candidate"]) - 5))
        self.assertTrue(np.isfinite(tuned["bits_per_hidden_spike"]).all())

        won = tuned["settings"][list(tuned["candidate"]).index(tuned["chosen"])].decode().split(", ")
        by_hand = self.prepare("by_hand")
        flags = [*FLAGS, "--set", "tune.trials=0", *(word for setting in won for word in ("--set", setting))]
        self.run_ok("train_rnn", *flags, "-o", by_hand, self.session)
        for name in FOLDS:
            with h5py.File(models / name) as one, h5py.File(by_hand / "session/models" / name) as other:
                np.testing.assert_array_equal(one["train_loss"], other["train_loss"])
                self.assertNotIn("tuned", other)
        self.assertEqual(set(statuses(self.run_ok("infer_write", *FLAGS, "-o", models.parent.parent, self.session)).values()),
                         {"computed"})

    def test_one_choice_for_a_dataset(self):
        other = small_session.write(self.folder / "other", small_session.draw_spikes(seed=4))
        out = self.prepare("out", self.session, other)
        dataset = [*FLAGS, "--set", 'tune.scope="dataset"', "-o", out, self.session, other]
        self.run_fails(4, ["is not there", "without --shard"], "train_rnn", *dataset, "--shard", "0/2")
        self.run_ok("train_rnn", *dataset)
        one, two = self.tuned(out / "session/models"), self.tuned(out / "other/models")
        self.assertEqual(one["chosen"], two["chosen"])
        np.testing.assert_array_equal(one["bits_per_hidden_spike"], two["bits_per_hidden_spike"])


if __name__ == "__main__":
    pipeline.main()
