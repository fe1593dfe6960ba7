"""What was not recorded is unknown, not silent: units of constant rates keep them, and score nothing, whatever is missing."""
import os

import h5py
import numpy as np

import pipeline
from nwb_read_test import write_plain

STARTS_S = 2 + 5.0 * np.arange(24)
FLAGS = ("--set", "stim_ms=500", "--set", "time_lims_ms=[0,1500]")
RATES_HZ = np.linspace(8, 20, 6)


def flat_units(seed=3, seconds=130):
    random = np.random.default_rng(seed)
    return [np.sort(random.uniform(0, seconds, random.poisson(rate_hz * seconds))) for rate_hz in RATES_HZ]


def within(times_s, *intervals):
    return times_s[np.any([(times_s >= start) & (times_s < stop) for start, stop in intervals], axis=0)]


class Observed(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "flat.nwb"

    def write(self, units, starts_s=STARTS_S, observed=None, invalid=None, trial_s=2.0):
        """`observed` (unit) lists of intervals."""
        write_plain(self.path, units, starts_s, conditions=["ab"[trial % 2] for trial in range(len(starts_s))])
        with h5py.File(self.path, "r+") as h5:
            h5["intervals/trials/stop_time"][...] = starts_s + trial_s
            if observed:
                h5["units/obs_intervals"] = np.concatenate(observed).astype(float)
                h5["units/obs_intervals_index"] = np.cumsum([len(of_unit) for of_unit in observed])
            if invalid:
                h5["intervals/invalid_times/id"] = np.arange(len(invalid))
                h5["intervals/invalid_times/start_time"], h5["intervals/invalid_times/stop_time"] = np.transpose(invalid)

    def extract(self):
        done = pipeline.run_stage("extract_bins", self.path, *FLAGS)
        self.assertEqual(done.returncode, 0, done.stderr)
        return " ".join(done.stderr.split())

    def bins(self):
        """By time: trials' times, and what was observed (trial, unit, bin), None where everything was."""
        with h5py.File(self.folder / "rnn_output/flat/bins.h5") as h5:
            times_s = h5["trials/time_s"][()]
            if "trials/observed" not in h5:
                return times_s, None
            return times_s, np.concatenate([taste[()] for taste in h5["trials/observed"].values()])

    def infer(self, *flags):
        if "ASAN_OPTIONS" in os.environ:
            self.skipTest("a whole training takes too long under the sanitizers")
        for stage in ("reduce_pca", "train_rnn", "infer_write"):
            self.run_ok(stage, self.path, *FLAGS, *flags)
        with h5py.File(self.folder / "rnn_output/flat/rates.h5") as h5:
            (scores,) = h5["scores"].values()
            bits = dict(zip(scores["methods"].asstr()[()], scores["bits_per_hidden_spike"][()]))
            return bits, h5["rnn_output/regions/region_all_taste_all/rate_hz"][()]

    def stay_flat(self, *flags, most_bits=0.03):
        """No method tells anything, observed rates are the units' own, others are open."""
        _, observed = self.bins()
        bits, rates_hz = self.infer("--set", "infer.baselines=true", *flags)
        for method, of_method in bits.items():
            self.assertLess(abs(of_method), most_bits, method)
        np.testing.assert_array_equal(np.isnan(rates_hz), observed == 0)
        relative = (rates_hz / RATES_HZ[:, None] - 1)[observed == 1]
        self.assertLess(np.sqrt(np.mean(relative ** 2)), 0.1)

    def test_units_that_were_lost_and_found(self):
        units, whole = flat_units(), [[0, 130]]
        units[1], units[4] = within(units[1], (0, 60)), within(units[4], (60, 130))
        self.write(units, observed=[whole, [[0, 60]], whole, whole, [[60, 130]], whole])
        self.assertIn("24 of 24 trials and 2 of 6 units were not observed in all of the window", self.extract())
        times_s, observed = self.bins()
        np.testing.assert_array_equal(observed.all(axis=2)[:, 1], times_s < 59)
        np.testing.assert_array_equal(observed.all(axis=2)[:, 4], times_s > 60.5)
        self.assertTrue(observed[:, [0, 2, 3, 5]].all())
        self.stay_flat()
        filled = self.infer("--set", "infer.fill_unobserved=true")[1]
        self.assertTrue(np.isfinite(filled).all())

    def test_the_autoencoder_learns_nothing_from_them_either(self):
        units = [within(times_s, *((start - 0.2, start + 0.7) for start in STARTS_S)) for times_s in flat_units()]
        self.write(units, observed=[[(start - 0.2, start + 0.7) for start in STARTS_S]] * 6)
        self.extract()
        _, observed = self.bins()
        bits, rates_hz = self.infer("-c", pipeline.REFERENCE, "--set", "fits.separate_tastes=false")
        self.assertLess(bits["rnn"], 0.05)
        predicted = observed[:, :, observed.shape[2] - rates_hz.shape[2]:]
        np.testing.assert_array_equal(np.isnan(rates_hz), predicted == 0)
        with h5py.File(self.folder / "rnn_output/flat/bins.h5") as h5:
            counts = np.concatenate([taste["counts"][()] for taste in h5["tastes"].values()])
        seen_hz = (counts * observed).sum(axis=(0, 2)) / observed.sum(axis=(0, 2)) / 0.025
        np.testing.assert_allclose(np.nanmean(rates_hz, axis=(0, 2)), seen_hz, rtol=0.1)

    def test_a_pause_of_the_recording(self):
        recorded = [[0, 40], [70, 130]]
        self.write([within(times_s, *recorded) for times_s in flat_units()], observed=[recorded] * 6)
        self.assertIn("in the windows of 6 of 24 trials no unit was recorded; these are left out", self.extract())
        times_s, _ = self.bins()
        self.assertEqual(sorted(times_s), [start for start in STARTS_S if not 40 < start < 70.5])

    def test_invalid_times(self):
        self.write(flat_units(), invalid=[[30, 50], [61.9, 62.1]])
        said = self.extract()
        self.assertIn("of 4 of 24 trials no unit was recorded", said)
        self.assertIn("1 of 20 trials and 6 of 6 units", said)

    def test_epochs_tell_when_the_recording_ended_and_paused(self):
        def with_epochs(*epochs, spikes=(0, 130)):
            self.write([within(times_s, *(epochs if spikes is None else [spikes])) for times_s in flat_units()])
            with h5py.File(self.path, "r+") as h5:
                h5["intervals/epochs/id"] = np.arange(len(epochs))
                h5["intervals/epochs/start_time"], h5["intervals/epochs/stop_time"] = np.transpose(epochs).astype(float)
            return self.extract()

        self.assertIn("in the windows of 6 of 24 trials no unit was recorded", with_epochs([0, 40], [70, 130], spikes=None))
        self.assertIn("1 of 24 trials and 6 of 6 units", with_epochs([0, 117.9], spikes=None))
        times_s, observed = self.bins()
        np.testing.assert_array_equal(observed[np.argmax(times_s)], np.broadcast_to(np.arange(60) < 56, (6, 60)))
        self.assertNotIn("warning", with_epochs([20, 60]))  # of behaviour: spikes lie elsewhere, too

    def test_intervals_of_some_units_in_any_order(self):
        units = flat_units()
        units[1] = within(units[1], (0, 60))
        self.write(units, observed=[[[60, 130], [0, 60]], [[0, 60]], *[np.empty((0, 2))] * 4])
        self.assertIn("12 of 24 trials and 1 of 6 units", self.extract())
        times_s, observed = self.bins()
        np.testing.assert_array_equal(observed.all(axis=(1, 2)), times_s < 60)

    def test_windows_beyond_the_ends_of_the_recording(self):
        starts_s = STARTS_S.copy()
        starts_s[0] = 0.1
        self.write([times_s[times_s < 117.5] for times_s in flat_units()], starts_s)
        said = self.extract()
        self.assertIn("2 of 24 trials and 6 of 6 units", said)
        self.assertRegex(said, r"With time_lims_ms = \[(300|325|350|375), (1000|1025|1050|1075|1100)\] every window lies within")
        self.stay_flat()

    def test_nothing_was_recorded_between_trials(self):
        for stated in (True, False):
            with self.subTest(obs_intervals=stated):
                trials = np.stack([STARTS_S, STARTS_S + 0.6], axis=1)
                units = [within(times_s, *trials) for times_s in flat_units()]
                self.write(units, observed=[trials] * 6 if stated else None, trial_s=0.6)
                self.assertIn("With time_lims_ms = [500, 1100] every window lies within", self.extract())
                _, observed = self.bins()
                np.testing.assert_array_equal(observed, np.broadcast_to(np.repeat([0, 1, 0], [20, 24, 16]), observed.shape))
        self.stay_flat()

    def test_what_was_all_recorded_says_nothing(self):
        self.write(flat_units())
        self.assertNotIn("warning", self.extract())
        self.assertIsNone(self.bins()[1])

    def test_no_trial_was_recorded(self):
        self.write(flat_units(), STARTS_S + 1000)
        self.run_fails(4, ["flat.nwb"], "extract_bins", self.path, *FLAGS)


if __name__ == "__main__":
    pipeline.main()
