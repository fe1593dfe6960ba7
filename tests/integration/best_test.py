"""The default recipe: masked GRU with folds, from counts to scored rates, on a session with known rates."""
import h5py
import numpy as np

import pipeline
from pipeline import digests

#: Few steps: enough to beat the average of conditions by far, not to be accurate.
FLAGS = ["--set", "train.steps=150", "--set", "seed=3"]


class Best(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.session = self.folder / "session"
        done = pipeline.run_stage("extract_bins", "--simulate", self.session)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.out = self.session / "rnn_output"

    def infer(self, *flags):
        for stage in ["extract_bins", "reduce_pca", "train_rnn"]:
            self.run_ok(stage, *FLAGS, *flags, self.session)
        return self.run_ok("infer_write", *FLAGS, *flags, self.session)

    def test_beats_simpler_methods_on_known_rates_and_on_held_out_spikes(self):
        report = self.infer("--set", "infer.baselines=true")
        true_r2 = report["sessions"][0]["metrics"]["session"]
        self.assertGreater(true_r2["true_r2_published"], true_r2["true_r2_gaussian"] + 0.03)
        self.assertGreater(true_r2["true_r2_published"], true_r2["true_r2_condition_average"] + 0.03)
        with h5py.File(self.out / "rates.h5") as file:
            table = file["scores/region_all_taste_all"]
            methods = [name.decode() for name in table["methods"][:]]
            bits = table["bits_per_hidden_spike"][:]
            self.assertEqual(set(methods), {"combined", "rnn", "gaussian", "boxcar_250ms", "baks", "condition_average",
                                            "inferred_condition", "gpfa", "plds"})
            self.assertEqual(methods[0], "combined")
            self.assertTrue((np.diff(bits) <= 0).all(), bits)
            for worse in ["gaussian", "boxcar_250ms", "baks", "condition_average"]:
                self.assertGreater(bits[methods.index("rnn")], bits[methods.index(worse)])
            self.assertEqual({m for m, co in zip(methods, table["co_bits_per_spike"][:]) if np.isfinite(co)},
                             {"rnn", "gpfa", "plds"})

    def test_rates_tell_no_taste_before_the_stimulus_unless_it_is_put_in(self):
        self.infer()
        for name in ("rate_hz", "rate_out_of_fold_hz"):
            self.assertLess(self.taste_told_before_the_stimulus(name), 0.4, name)  # chance: 0.25
        labelled = pipeline.run_stage("infer_write", *FLAGS, "--set", 'infer.combine_with=["condition_average"]',
                                      "--set", "infer.gains=false", self.session)
        self.assertIn("rates know the taste of their trial", labelled.stderr)
        self.assertGreater(self.taste_told_before_the_stimulus("rate_hz"), 0.4)
        # The average weighs more beside a single network than beside the mean of four.
        self.assertGreater(self.taste_told_before_the_stimulus("rate_out_of_fold_hz"), 0.5)

    def taste_told_before_the_stimulus(self, name):
        """Share of trials nearest, in the rates from 500 to 250 ms before it, to the mean of the other trials of their taste."""
        with h5py.File(self.out / "rates.h5") as file:
            fit = file["rnn_output/regions/region_all_taste_all"]
            early = (fit["time_ms"][:] > -500) & (fit["time_ms"][:] < -250)
            rates, taste = fit[name][:][:, :, early].mean(2), fit["trial_taste"][:]
        rates = (rates - rates.mean(0)) / rates.std(0)
        right = 0
        for trial, own in enumerate(taste):
            others = np.arange(len(taste)) != trial
            means = [rates[others & (taste == other)].mean(0) for other in range(4)]
            right += np.argmin([np.sum((rates[trial] - mean) ** 2) for mean in means]) == own
        return right / len(taste)

    def test_what_is_stored_of_folds_and_factors_holds_together(self):
        self.infer("--set", "infer.combine_with=[]")
        models = sorted(path.name for path in (self.out / "models").iterdir())
        self.assertEqual(models, [f"region_all_taste_all_fold_{k}.h5" for k in range(4)])
        with h5py.File(self.out / "models" / models[0]) as file:
            rank = len(file["weights/best/factors.weight"])
        with h5py.File(self.out / "rates.h5") as file, h5py.File(self.out / "pca.h5") as pca:
            group = file["rnn_output/regions/region_all_taste_all"]
            rate_hz, factors = group["rate_hz"][:], group["latent_factors"][:]
            fold = group["trial_fold"][:]
            np.testing.assert_array_equal(fold, np.arange(len(fold)) % 4)
            np.testing.assert_array_equal(fold, pca["fits/region_all_taste_all/trial_fold"][:])
            self.assertEqual(factors.shape, (rate_hz.shape[0], min(rank, rate_hz.shape[1]), rate_hz.shape[2]))
            np.testing.assert_array_equal(group["latent_out"][:], factors.transpose(2, 0, 1))
            self.assertTrue((group["rate_standard_error_hz"][:] > 0).all())
            # The factors hold nearly all of the log rates, but for gains.
            logs = np.log(rate_hz / 40.0) - np.log(group["gain"][:])[:, :, None]
            rebuilt = group["log_rate_offset"][:][None, :, None] + np.einsum(
                "tfb,fu->tub", factors, group["factor_loadings"][:])
            self.assertGreater(1 - ((logs - rebuilt) ** 2).sum() / ((logs - logs.mean((0, 2), keepdims=True)) ** 2).sum(),
                               0.98)
            first, second = (group["rate_out_of_fold_hz"][:][fold == k] for k in (0, 1))
            self.assertFalse(np.allclose(first[: len(second)], rate_hz[fold == 0][: len(second)]))
        for k in range(4):
            with h5py.File(self.out / "models" / f"region_all_taste_all_fold_{k}.h5") as model:
                np.testing.assert_array_equal(model["test_trials"][:], np.flatnonzero(fold == k))
                np.testing.assert_array_equal(model["train_trials"][:], np.flatnonzero(fold != k))

    def test_combined_rates_are_the_weighted_methods(self):
        self.infer("--set", "infer.combine_with=[]", "--set", "infer.baselines=true")
        fit = "region_all_taste_all"
        with h5py.File(self.out / "rates.h5") as file:
            self.assertNotIn("combination", file)
            methods = {name: values[:] for name, values in file[f"baselines/{fit}"].items()}
            methods["rnn"] = file[f"rnn_output/regions/{fit}/rate_hz"][:]
            error_hz = file[f"rnn_output/regions/{fit}/rate_standard_error_hz"][:]
        with h5py.File(self.out / "bins.h5") as file:
            counts = np.concatenate([taste["counts"][:] for taste in file["tastes"].values()])
            true_hz = np.maximum(file["true_rate_hz"][:], 0.1)
        self.run_ok("infer_write", *FLAGS, self.session)
        with h5py.File(self.out / "rates.h5") as file:
            combination, group = file[f"combination/{fit}"], file[f"rnn_output/regions/{fit}"]
            weights = dict(zip((name.decode() for name in combination["methods"][:]), combination["weights"][:]))
            rate_hz = group["rate_hz"][:]
            self.assertEqual(list(weights), ["rnn", "plds", "gaussian", "inferred_condition"])
            self.assertTrue(all(weight >= 0 for weight in weights.values()), weights)
            self.assertLessEqual(sum(weights.values()), 1 + 1e-9)
            self.assertGreater(weights["rnn"], 0.1)
            mean = counts.mean((0, 2), keepdims=True) * 40
            logs = np.log(mean) + combination["shift"][()] + sum(
                weight * np.log(np.maximum(methods[name], 0.1) / mean) for name, weight in weights.items())
            np.testing.assert_allclose(rate_hz, np.exp(logs), rtol=1e-4)
            np.testing.assert_allclose(group["pred_firing"][:] * 40, rate_hz, rtol=1e-6)
            combined = rate_hz, group["rate_standard_error_hz"][:]
            for rate, error in [combined, (methods["rnn"], error_hz)]:
                missed = np.abs(np.log(rate / true_hz)) / (error / rate)
                self.assertTrue(0.6 < (missed < 1).mean() < 0.78, (missed < 1).mean())
                self.assertTrue(0.88 < (missed < 2).mean(), (missed < 2).mean())
            calibration = {name: values[:] for name, values in file[f"calibration/{fit}"].items()}
            self.assertEqual(len(calibration["predicted_hz"]), 10)
            off = np.abs(calibration["counted_hz"] - calibration["predicted_hz"])
            self.assertLess(np.median(off / calibration["counted_standard_error_hz"]), 3)
            self.assertAlmostEqual(np.average(calibration["counted_hz"]), counts.mean() * 40, places=1)
            self.assertEqual({name.decode() for name in file[f"scores/{fit}/methods"][:]}, 
                             {"combined", "rnn", "plds", "gaussian", "inferred_condition", "condition_average"})
            self.assertNotIn("baselines", file)

    def test_methods_that_look_ahead_are_not_combined_with_a_causal_network(self):
        self.run_ok("extract_bins", *FLAGS, self.session)
        done = pipeline.run_stage("reduce_pca", *FLAGS, "--set", "model.bidirectional=false", self.session)
        self.assertEqual(done.returncode, 3)
        self.assertIn("infer.combine_with = []", done.stderr)

    def test_one_changed_fold_of_models_is_trained_again_alone(self):
        self.infer()
        before = digests(self.run_ok("train_rnn", *FLAGS, self.session))
        (self.out / "models" / "region_all_taste_all_fold_2.h5").unlink()
        report = self.run_ok("train_rnn", *FLAGS, self.session)
        self.assertEqual({k for k, v in pipeline.statuses(report).items() if v == "computed"},
                         {"region_all_taste_all_fold_2.h5"})
        self.assertEqual(digests(report), before)

    def test_causal_networks_have_one_direction(self):
        self.infer("-c", pipeline.SOURCE / "configs" / "causal.toml")
        with h5py.File(self.out / "models" / "region_all_taste_all_fold_0.h5") as model:
            names = set(model["weights/best"])
        self.assertIn("gru.weight_hh_l0", names)
        self.assertNotIn("gru.weight_hh_l0_reverse", names)

    def test_without_folds_the_held_out_trials_are_scored(self):
        report = self.infer("--set", "train.folds=1")
        metrics = report["sessions"][0]["metrics"]["region_all_taste_all"]
        self.assertIn("bits_per_hidden_spike", metrics)
        with h5py.File(self.out / "rates.h5") as file:
            self.assertEqual(file["scores/region_all_taste_all/methods"][0], b"rnn")
            self.assertNotIn("rate_out_of_fold_hz", file["rnn_output/regions/region_all_taste_all"])


if __name__ == "__main__":
    pipeline.main()
