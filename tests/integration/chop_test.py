"""Long windows in chops: what networks say of chops, merged here with NumPy, is what rates.h5 holds."""
import h5py
import numpy as np

import pipeline
import small_session
from pipeline import statuses

WINDOW = ["--set", "time_lims_ms=[200,800]", "--set", "stim_ms=300"]  # 24 bins of 25 ms
GRU = [*WINDOW, "--set", "train.steps=30", "--set", "model.hidden_size=6", "--set", "model.rank=3",
       "--set", "infer.combine_with=[]", "--set", "infer.gains=false", "--set", "fits.separate_regions=false"]
REFERENCE = small_session.flags(fits__separate_tastes="false")
STAGES = pipeline.STAGES[:4]
ALL = "region_all_taste_all"


def chopped(window_ms, overlap_ms):
    return ["--set", f"chop.window_ms={window_ms}", "--set", f"chop.overlap_ms={overlap_ms}"]


def starts_of(bins, length, overlap):
    starts = list(range(0, bins - length, length - overlap))
    return starts + [bins - length]


def merged(pieces, starts, bins):
    """`pieces` (chop, bin, ...) of one trial, each faded in over what is there already."""
    length = pieces.shape[1]
    whole = np.full((bins, *pieces.shape[2:]), np.nan)
    done = 0
    for start, piece in zip(starts, pieces):
        shared = done - start
        weight = np.minimum(np.arange(1, length + 1) / (shared + 1), 1).reshape(-1, *[1] * (piece.ndim - 1))
        whole[start:start + length] = np.where(weight < 1, (1 - weight) * np.nan_to_num(whole[start:start + length]), 0) + weight * piece
        done = start + length
    return whole


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru_log_rates(weights, inputs):
    """(bin, unit) of one sequence (bin, input), by PyTorch's formulas."""
    states = []
    for suffix in ("", "_reverse"):
        w, u, b, c = (weights[f"gru.{kind}_l0{suffix}"].astype(float) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        h, run = np.zeros(u.shape[1]), []
        for x in inputs[::-1] if suffix else inputs:
            (ri, zi, ni), (rh, zh, nh) = np.split(w @ x + b, 3), np.split(u @ h + c, 3)
            z = sigmoid(zi + zh)
            h = (1 - z) * np.tanh(ni + sigmoid(ri + rh) * nh) + z * h
            run.append(h)
        states.append(np.array(run[::-1] if suffix else run))
    factors = np.concatenate(states, 1) @ weights["factors.weight"].T
    return np.clip(factors @ weights["readout.weight"].T + weights["readout.bias"], -9, 4)


def rnn_outputs(weights, inputs):
    """(bin, component) and (bin, hidden) of one sequence (bin, input) through the autoencoder."""
    def linear(name, x):
        return x @ weights[f"{name}.weight"].T.astype(float) + weights[f"{name}.bias"]

    x = sigmoid(linear("encoder.2", sigmoid(linear("encoder.0", inputs))))
    for layer in range(2):
        w, u, b, c = (weights[f"rnn.{kind}_l{layer}"].astype(float) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        h, run = np.zeros(u.shape[0]), []
        for row in x:
            h = np.tanh(w @ row + b + u @ h + c)
            run.append(h)
        x = np.array(run)
    return linear("decoder.2", sigmoid(linear("decoder.0", x))), x


class Chop(pipeline.PipelineTest):
    def run_stages(self, session, *flags):
        return {stage: self.run_ok(stage, session, *flags) for stage in STAGES}

    def weights(self, out, name, which):
        with h5py.File(out / f"models/{name}.h5") as h5:
            scaling = h5["input_mean"][:], h5["input_scale"][:]
            return {key: values[:] for key, values in h5[f"weights/{which}"].items()}, scaling

    def gru_logs(self, out, length, overlap):
        """(fold, trial, bin, unit), each fold's network read in chops and merged."""
        with h5py.File(out / "bins.h5") as h5:
            counts = np.concatenate([taste["counts"][:] for taste in h5["tastes"].values()]).transpose(0, 2, 1)
        with h5py.File(out / "pca.h5") as h5:
            taste = h5[f"fits/{ALL}/trial_taste"][:]
        number = np.concatenate([np.arange(count) for count in np.bincount(taste)])
        trials, bins, _ = counts.shape
        context = np.zeros((trials, bins, 2))
        context[:, 4, 0] = 1
        context[:, :, 1] = (number / max(number.max(), 1) - 0.5)[:, None]
        starts, all_logs = starts_of(bins, length, overlap), []
        for fold in range(len(list((out / "models").iterdir()))):
            weights, (mean, scale) = self.weights(out, f"{ALL}_fold_{fold}", "best")
            x = np.concatenate([(counts - mean) / scale, context], 2)
            all_logs.append([merged(np.array([gru_log_rates(weights, trial[s:s + length]) for s in starts]), starts, bins)
                             for trial in x])
        return np.array(all_logs)

    def check_gru(self, session, length, overlap, fold_of):
        """`fold_of`: fold of (trial, bin)."""
        out = session / "rnn_output"
        logs = self.gru_logs(out, length, overlap)
        with h5py.File(out / "rates.h5") as h5:
            fit = h5[f"rnn_output/regions/{ALL}"]
            np.testing.assert_allclose(fit["pred_firing"][:], np.exp(logs.mean(0)).transpose(0, 2, 1), rtol=1e-4)
            unseen = np.take_along_axis(logs, fold_of[None, :, :, None], 0)[0]
            np.testing.assert_allclose(fit["rate_out_of_fold_hz"][:], 40 * np.exp(unseen).transpose(0, 2, 1), rtol=1e-4)
            self.assertTrue(np.isfinite(h5[f"scores/{ALL}/bits_per_hidden_spike"][:]).all())

    def test_gru_rates_are_merged_chops_with_a_remainder(self):
        session = small_session.write(self.folder / "session")
        self.run_stages(session, *GRU, *chopped(225, 75))  # chops of 9 bins at 0, 6, 12 and, for the remainder, 15
        with h5py.File(session / "rnn_output/pca.h5") as h5:
            fit = h5[f"fits/{ALL}"]
            self.assertEqual((h5.attrs["schema_version"], fit["chop_bins"][()], fit["chop_overlap_bins"][()]), (b"2.2", 9, 3))
            self.assertNotIn("bin_fold", fit)
        self.check_gru(session, 9, 3, np.repeat(np.arange(15)[:, None] % 4, 24, 1))

    def test_single_trial_is_dealt_to_folds_in_stretches(self):
        random = np.random.default_rng(0)
        session = small_session.write(self.folder / "session", [(random.random((1, 5, 1000)) < 0.03).astype(float)])
        self.run_stages(session, *GRU, *chopped(125, 50))
        bin_fold = np.arange(24) // 6
        for name, place in (("pca", f"fits/{ALL}"), ("rates", f"rnn_output/regions/{ALL}")):
            with h5py.File(session / f"rnn_output/{name}.h5") as h5:
                np.testing.assert_array_equal(h5[place]["bin_fold"][:], bin_fold)
        self.check_gru(session, 5, 2, bin_fold[None])
        self.run_ok("plot_rates", session, *GRU, "--set",
                    "plots.select=['losses','mean_rates','units','gallery','scores','fold_error','inputs','overview','latents']")
        done = pipeline.run_stage("infer_write", session, *GRU, *chopped(125, 50), "--baselines")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("without GPFA, which needs two trials", done.stderr)

    def test_folds_of_a_single_trial_are_as_long_as_a_chop(self):
        random = np.random.default_rng(0)
        session = small_session.write(self.folder / "session", [(random.random((1, 5, 1000)) < 0.03).astype(float)])
        self.run_stages(session, *GRU, *chopped(250, 50))
        names = sorted(path.stem for path in (session / "rnn_output/models").iterdir())
        self.assertEqual(names, [f"{ALL}_fold_{fold}" for fold in range(2)])

    def test_autoencoder_rates_and_latents_are_merged_chops(self):
        session = small_session.write(self.folder / "session")
        self.run_stages(session, *REFERENCE, *chopped(200, 100))
        out = session / "rnn_output"
        with h5py.File(out / "pca.h5") as h5:
            fit = h5[f"fits/{ALL}"]
            scores, basis, mean, scale = (fit[name][:] for name in ("scores", "basis", "mean", "scale"))
            number = np.concatenate([np.arange(count) for count in np.bincount(fit["trial_taste"][:])])
        pulse = (np.arange(24) == 4)[None, :, None] * np.ones((15, 1, 1))
        inputs = np.concatenate([scores, pulse, np.broadcast_to((number / 7)[:, None, None], (15, 24, 1))], 2)[:, :-4]
        weights, _ = self.weights(out, ALL, "last")
        starts = starts_of(20, 8, 4)
        pairs = [[rnn_outputs(weights, trial[s:s + 8]) for s in starts] for trial in inputs]
        outputs, latents = (np.array([merged(np.array([pair[i] for pair in trial]), starts, 20) for trial in pairs]) for i in (0, 1))
        with h5py.File(out / "rates.h5") as h5:
            fit = h5[f"rnn_output/regions/{ALL}"]
            np.testing.assert_allclose(fit["pred_firing"][:], ((outputs @ basis) * scale + mean).transpose(0, 2, 1), atol=1e-5)
            np.testing.assert_allclose(fit["latent_out"][:], latents.transpose(1, 0, 2), atol=1e-5)

    def test_chop_as_long_as_the_window_changes_no_rate(self):
        session = small_session.write(self.folder / "session")
        for flags in (GRU, REFERENCE):
            rates = []
            for chop in ([], chopped(600, 100)):
                self.run_stages(session, *flags, *chop)
                with h5py.File(session / "rnn_output/rates.h5") as h5:
                    rates.append(h5[f"rnn_output/regions/{ALL}/rate_hz"][:])
            np.testing.assert_array_equal(*rates)

    def test_another_overlap_does_again_what_it_touches(self):
        session = small_session.write(self.folder / "session")
        self.run_stages(session, *GRU, *chopped(200, 100))
        again = self.run_stages(session, *GRU, *chopped(200, 50))
        found = {stage: set(statuses(report).values()) for stage, report in again.items()}
        self.assertEqual(found, {"extract_bins": {"up to date"}, "reduce_pca": {"computed"}, "train_rnn": {"computed"},
                                 "infer_write": {"computed"}})

    def test_engines_agree_on_chops(self):
        pipeline.need_torch()
        session = small_session.write(self.folder / "session")
        out = session / "rnn_output"
        for flags, name in ((GRU, f"{ALL}_fold_1"), (REFERENCE, ALL)):
            self.run_stages(session, *flags, *chopped(200, 100))
            fused, _ = self.weights(out, name, "last")
            self.run_ok("train_rnn", session, *flags, *chopped(200, 100), "--engine", "libtorch", "--force")
            libtorch, _ = self.weights(out, name, "last")
            for key, values in fused.items():
                np.testing.assert_allclose(values, libtorch[key], atol=2e-4, err_msg=key)

    def test_lengths_that_do_not_fit_are_refused(self):
        session = small_session.write(self.folder / "session")
        self.run_ok("extract_bins", session, *GRU)
        for chop, words in ((chopped(210, 50), ["chop.window_ms = 210", "bin_ms = 25"]),
                            (chopped(200, 30), ["chop.overlap_ms = 30"]),
                            (chopped(200, 200), ["chop.overlap_ms = 200", "less than"])):
            self.run_fails(3, words, "reduce_pca", session, *GRU, *chop)


class SeveralWindows(pipeline.PipelineTest):
    def manifest(self, session):
        path = self.folder / "windows.tsv"
        path.write_text("path\tid\ttime_lims_ms\tstim_ms\n"
                        f"{session}\tearly\t[100, 500]\t\n{session}/../{session.name}\tlate\t[600, 1000]\t600\n")
        return path

    def test_rows_of_one_recording_are_fitted_by_themselves(self):
        arrays = small_session.draw_spikes()
        session = small_session.write(self.folder / "session", arrays)
        flags = ["--manifest", self.manifest(session), "-o", self.folder / "out",
                 "-c", pipeline.REFERENCE, "--set", "train.steps=20"]
        (self.folder / "stim.toml").write_text("stim_ms = 300\n" + pipeline.REFERENCE.read_text())
        flags[flags.index("-c") + 1] = self.folder / "stim.toml"
        for stage in STAGES:
            self.run_ok(stage, *flags)
        for name, start in (("early", 100), ("late", 600)):
            with h5py.File(self.folder / "out" / name / "bins.h5") as h5:
                np.testing.assert_array_equal(h5["tastes/000/counts"][:],
                                              arrays[0][:, :, start:start + 400].reshape(8, 5, 16, 25).sum(-1))
        self.run_fails(2, ["'early' and 'late'", "of one recording"], "infer_write", "--publish", *flags)

    def test_one_folder_for_two_windows_is_refused(self):
        session = small_session.write(self.folder / "session")
        self.run_fails(2, ["'early' and 'late'", "rnn_output", "-o"], "extract_bins", "--manifest", self.manifest(session))

    def test_list_of_windows_in_one_setting_says_what_to_do(self):
        session = small_session.write(self.folder / "session")
        self.run_fails(3, ["several windows", "--manifest"], "extract_bins", session, "--set",
                       "time_lims_ms=[[0, 200], [300, 500]]")


if __name__ == "__main__":
    pipeline.main()
