"""laser = "input": both networks are told when the laser was on, the files say so, and inference uses it."""
import csv
import subprocess

import h5py
import numpy as np

import nwb
import pipeline
import small_session
from pipeline import statuses

DURATIONS = [[0, 0, 250, 0, 70, 0, 0, 250], [0, 250, 0, 0, 0, 0, 0]]
LAGS = [[0, 0, 100, 0, -50, 0, 0, 460], [0, np.nan, 0, 0, 0, 0, 0]]
EDGES = np.arange(200, 801, 25) - small_session.STIM_MS  # from the stimulus


def expected(durations, lags):
    """(trial, bin) 1 where [lag, lag + duration) meets the bin; a lag that is not a number is 0."""
    on = np.zeros((len(durations), len(EDGES) - 1), np.uint8)
    for trial, (duration, lag) in enumerate(zip(durations, np.nan_to_num(lags))):
        if duration > 0:
            on[trial] = (lag < EDGES[1:]) & (lag + duration > EDGES[:-1])
    return on


EXPECTED = [expected(*pair) for pair in zip(DURATIONS, LAGS)]


def write_lasers(session, lags=LAGS):
    with small_session.edit(session) as file:
        for taste, durations in enumerate(DURATIONS):
            group = file[f"spike_trains/dig_in_{taste}"]
            for name, values in (("laser_durations", durations), ("laser_onset_lag", lags and lags[taste])):
                if name in group:
                    del group[name]
                if values:
                    group[name] = np.array(values, float)
    return session


def write_table(session, **columns):
    """Adds columns to trial_info_frame.csv."""
    path = session / "trial_info_frame.csv"
    with open(path, newline="") as file:
        header, *rows = csv.reader(file)
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([header + list(columns), *(row + list(more) for row, more in zip(rows, zip(*columns.values())))])


def flat(values):
    return ["" if value != value else value for value in sum(values, [])]


GRU = ["--set", "time_lims_ms=[200,800]", "--set", "stim_ms=300", "--set", "train.steps=40", "--set", "model.hidden_size=6",
       "--set", "model.rank=3", "--set", "infer.combine_with=[]", "--set", "infer.gains=false", "--set", "fits.separate_regions=false"]


class LaserInput(pipeline.PipelineTest):
    def lasers(self, session, *flags):
        """(taste) laser of bins.h5."""
        self.run_ok("extract_bins", session, "-o", self.folder / "out", "--laser", "input", *small_session.flags(), *flags)
        with h5py.File(self.folder / "out" / session.stem / "bins.h5") as h5:
            self.assertEqual(h5.attrs["schema_version"], b"1.3")
            return [h5[f"tastes/{taste:03}/laser"][:] for taste in range(2)]

    def check(self, session, wanted=EXPECTED):
        for found, right in zip(self.lasers(session), wanted, strict=True):
            self.assertEqual(found.dtype, np.uint8)
            np.testing.assert_array_equal(found, right)

    def test_durations_and_lags_beside_the_spikes(self):
        self.check(write_lasers(small_session.write(self.folder / "session")))

    def test_without_lags_the_laser_starts_with_the_stimulus(self):
        self.check(write_lasers(small_session.write(self.folder / "session"), lags=None),
                   [expected(durations, np.zeros(len(durations))) for durations in DURATIONS])

    def test_columns_of_the_table_of_trials(self):
        session = small_session.write_spike_times(self.folder / "session")
        write_table(session, laser_duration_ms=flat(DURATIONS), laser_lag_ms=flat(LAGS))
        self.check(session)

    def test_table_of_trials_for_arrays_without_durations_and_a_change_of_it(self):
        session = small_session.write_spike_times(self.folder / "session")
        write_table(session, laser_duration_ms=flat(DURATIONS), laser_lag_ms=flat(LAGS))
        arrays = small_session.write(self.folder / "arrays")
        (arrays / "trial_info_frame.csv").write_bytes((session / "trial_info_frame.csv").read_bytes())
        self.check(arrays)
        text = (arrays / "trial_info_frame.csv").read_text()
        (arrays / "trial_info_frame.csv").write_text(text.replace("250,460", "250,0"))
        changed = [LAGS[0][:7] + [0], LAGS[1]]
        self.check(arrays, [expected(*pair) for pair in zip(DURATIONS, changed)])

    def test_columns_of_nwb(self):
        session = small_session.write_spike_times(self.folder / "session")
        write_table(session, laser_duration_ms=flat(DURATIONS), laser_lag_ms=flat(LAGS))
        path = nwb.write_session(session, self.folder / "session.nwb")
        self.check(path)

    def test_only_trials_known_counts_as_all_bins_and_is_said(self):
        session = small_session.write_spike_times(self.folder / "session")
        write_table(session, laser=[str(bool(duration)) for duration in flat(DURATIONS)])
        self.check(session, [np.repeat(np.array(durations)[:, None] > 0, len(EDGES) - 1, 1) for durations in DURATIONS])
        done = pipeline.run_stage("extract_bins", session, "--force", "--laser", "input", *small_session.flags())
        self.assertIn("not when", done.stderr)

    def test_recording_that_does_not_tell_is_refused(self):
        session = small_session.write(self.folder / "session")
        self.run_fails(4, ["laser_durations", 'laser = "input"'], "extract_bins", session, "--laser", "input", *small_session.flags())
        write_lasers(session, [LAGS[0][:3], LAGS[1]])
        self.run_fails(4, ["laser_onset_lag", "3 values", "8 trials"], "extract_bins", session, "--laser", "input",
                       *small_session.flags())

    def run_recipe(self, session, flags):
        return {stage: self.run_ok(stage, session, "--set", "laser=input", *flags)
                for stage in ("extract_bins", "reduce_pca", "train_rnn", "infer_write")}

    def test_another_lag_does_all_again_and_the_same_nothing(self):
        session = write_lasers(small_session.write(self.folder / "session"))
        for flags in (small_session.flags(), GRU):
            self.run_recipe(session, flags)
            again = self.run_recipe(session, flags)
            self.assertEqual({status for report in again.values() for status in statuses(report).values()}, {"up to date"})
            write_lasers(session, [[lag + 100 for lag in lags] for lags in LAGS])
            again = self.run_recipe(session, flags)
            self.assertEqual({status for report in again.values() for status in statuses(report).values()}, {"computed"})
            write_lasers(session)

    def test_figure_of_inputs_shows_the_laser(self):
        session = write_lasers(small_session.write(self.folder / "session"))
        self.run_recipe(session, GRU)
        self.run_ok("plot_rates", session, "--figure", "inputs", "--format", "svg", "--set", "laser=input", *GRU)
        (figure,) = (session / "rnn_output" / "plots").glob("inputs*.svg")
        self.assertIn("laser (black: on)", figure.read_text())

    def weights(self, session, model):
        with h5py.File(session / f"rnn_output/models/{model}.h5") as h5:
            return {name: values[:] for name, values in h5["weights/last"].items()}

    def test_both_engines_have_the_input_and_agree(self):
        pipeline.need_torch()
        session = write_lasers(small_session.write(self.folder / "session"))
        for flags, model, weight, context in ((small_session.flags(), "region_all_taste_1", "encoder.0.weight", 3),
                                              (GRU, "region_all_taste_all_fold_2", "gru.weight_ih_l0", 3)):
            self.run_recipe(session, flags)
            fused = self.weights(session, model)
            with h5py.File(session / "rnn_output/pca.h5") as h5:
                fit = h5["fits"][model.split("_fold")[0]]
                seen = fit["basis"].shape[0] if "encoder" in weight else len(fit["units"])
                lasers = fit["laser"][:]
            np.testing.assert_array_equal(lasers, EXPECTED[1] if "encoder" in weight else np.concatenate(EXPECTED))
            self.assertEqual(fused[weight].shape[1], seen + context)
            self.run_ok("train_rnn", session, "--set", "laser=input", "--engine", "libtorch", "--force", *flags)
            for name, values in self.weights(session, model).items():
                np.testing.assert_allclose(fused[name], values, atol=2e-4, err_msg=name)

    def test_pytorch_computes_the_same_rates_with_the_laser(self):
        if subprocess.run(["/usr/bin/python3", "-c", "import torch"], capture_output=True).returncode != 0:
            self.skipTest("no torch here")
        session = write_lasers(small_session.write(self.folder / "session"))
        self.run_recipe(session, GRU)
        code = """if True:
            import h5py, numpy as np, sys, torch
            out, name = sys.argv[1], "region_all_taste_all"
            with h5py.File(f"{out}/pca.h5") as h5:
                trial_fold, taste, laser = (h5[f"fits/{name}/{key}"][:] for key in ("trial_fold", "trial_taste", "laser"))
            with h5py.File(f"{out}/bins.h5") as h5:
                counts = np.concatenate([h5[f"tastes/{t:03}/counts"][:] for t in range(2)]).transpose(2, 0, 1)
            number = np.concatenate([np.arange(n) for n in np.bincount(taste)])
            context = np.stack([np.zeros(counts.shape[:2]), np.tile(number / number.max() - 0.5, (len(counts), 1)), laser.T], 2)
            context[4, :, 0] = 1
            logs = []
            for fold in range(4):
                with h5py.File(f"{out}/models/{name}_fold_{fold}.h5") as h5:
                    w = {key: torch.from_numpy(values[:]) for key, values in h5["weights/best"].items()}
                    x = np.concatenate([(counts - h5["input_mean"][:]) / h5["input_scale"][:], context], 2)
                gru = torch.nn.GRU(x.shape[2], 6, bidirectional=True)
                gru.load_state_dict({key[4:]: value for key, value in w.items() if key.startswith("gru.")})
                with torch.no_grad():
                    states = gru(torch.tensor(x, dtype=torch.float32))[0]
                logs.append((states @ w["factors.weight"].T @ w["readout.weight"].T + w["readout.bias"]).clamp(-9, 4).numpy())
            with h5py.File(f"{out}/rates.h5") as h5:
                stored = h5[f"rnn_output/regions/{name}/pred_firing"][:]
            assert np.abs(np.exp(np.mean(logs, 0)).transpose(1, 2, 0) - stored).max() < 1e-5
        """
        done = subprocess.run(["/usr/bin/python3", "-c", code, session / "rnn_output"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_network_that_is_told_predicts_hidden_spikes_better(self):
        """The laser silences the only unit at times that nothing else tells."""
        random = np.random.default_rng(1)
        lags = random.integers(-80, 300, 60).astype(float)
        rate = np.full((60, 1, 1000), 60.0)
        for trial, lag in enumerate(lags.astype(int)):
            rate[trial, :, 300 + lag:500 + lag] = 1.0
        session = small_session.write(self.folder / "session", [(random.random(rate.shape) < rate / 1000).astype(float)],
                                      descriptor=False, info=False)
        with small_session.edit(session) as file:
            file["spike_trains/dig_in_0/laser_durations"] = np.full(60, 200.0)
            file["spike_trains/dig_in_0/laser_onset_lag"] = lags
        bits = {}
        for choice in ("include", "input"):
            for stage in ("extract_bins", "reduce_pca", "train_rnn", "infer_write"):
                self.run_ok(stage, session, *GRU, "--set", f"laser={choice}", "--set", "train.steps=200")
            with h5py.File(session / "rnn_output/rates.h5") as h5:
                scores = h5["scores/region_all_taste_all"]
                network = list(scores["methods"].asstr()).index("rnn")
                bits[choice] = scores["bits_per_hidden_spike"][network]
        self.assertGreater(bits["input"], bits["include"] + 0.1)


if __name__ == "__main__":
    pipeline.main()
