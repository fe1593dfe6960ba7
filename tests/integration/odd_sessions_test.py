"""Sessions that are unusual, most of them with nothing wrong about them."""
import shutil

import h5py
import numpy as np

import pipeline
import small_session
import trained_session
from content_digest import approve
from pipeline import STAGES, digests
from refusals import RefusalTest

FIT = "region_all_taste_0"


class OddSessions(RefusalTest):
    """Unusual, but nothing wrong with them."""

    def rates(self, session, taste):
        with h5py.File(session / "rnn_output" / "rates.h5") as file:
            return file[f"rnn_output/regions/region_all_taste_{taste}/rate_hz"][()]

    def test_a_silent_unit_has_rate_0_and_a_constant_one_its_own(self):
        arrays = small_session.draw_spikes()
        for spikes in arrays:
            spikes[:, 1] = 0
            spikes[:, 3] = 0
            spikes[:, 3, ::25] = 1
        session = small_session.write(self.folder / "session", arrays)
        self.works(session)
        for taste in (0, 1):
            np.testing.assert_allclose(self.rates(session, taste)[:, 1], 0, atol=1e-4)
            np.testing.assert_allclose(self.rates(session, taste)[:, 3], 40, rtol=1e-5)

    def test_a_unit_that_is_silent_in_one_taste_only(self):
        arrays = small_session.draw_spikes()
        arrays[1][:, 2] = 0
        session = small_session.write(self.folder / "session", arrays)
        self.works(session)
        np.testing.assert_allclose(self.rates(session, 1)[:, 2], 0, atol=1e-4)
        self.assertGreater(self.rates(session, 0)[:, 2].mean(), 5)

    def test_one_trial(self):
        session = small_session.write(self.folder / "session", small_session.draw_spikes(trials=(1, 4)))
        self.works(session)
        self.assertEqual(self.rates(session, 0).shape, (1, 5, 20))
        with h5py.File(session / "rnn_output" / "models" / f"{FIT}.h5") as model:
            self.assertEqual((len(model["train_trials"]), len(model["test_trials"])), (1, 0))
            self.assertIn(b"too few trials", model["warnings"][0])

    def test_one_trial_a_taste_in_one_network_and_published(self):
        session = small_session.write(self.folder / "session", small_session.draw_spikes(trials=(1, 1)))
        self.works(session, fits__separate_tastes="false")
        self.run_ok("infer_write", session, *small_session.flags(fits__separate_tastes="false"), "--publish")

    def test_one_unit(self):
        session = small_session.write(self.folder / "session", small_session.draw_spikes(units=1), electrodes=[0])
        self.works(session)
        self.assertEqual(self.rates(session, 0).shape, (8, 1, 20))

    def test_ragged_tastes(self):
        session = small_session.write(self.folder / "session", small_session.draw_spikes(trials=(9, 1, 3)))
        for separate in ("true", "false"):
            self.works(session, fits__separate_tastes=separate)
            with h5py.File(session / "rnn_output" / "rates.h5") as file:
                trials = [group["rate_hz"].shape[0] for group in file["rnn_output/regions"].values()]
            self.assertEqual(trials, [9, 1, 3] if separate == "true" else [13])

    def test_eleven_tastes_stand_in_the_order_of_pytables(self):
        arrays = small_session.draw_spikes(trials=range(2, 13))
        session = small_session.write(self.folder / "session", arrays, info=False)
        self.works(session, stages=STAGES[:4])
        with h5py.File(session / "rnn_output" / "bins.h5") as file:
            self.assertEqual(file["taste_dig_ins"][()].tolist(), sorted(b"dig_in_%d" % taste for taste in range(11)))
        for taste, dig_in in enumerate(sorted(range(11), key=str)):
            self.assertEqual(self.rates(session, taste).shape[0], 2 + dig_in)

    def test_spike_times_give_the_bins_of_the_arrays_cut_from_them(self):
        arrays = small_session.write(self.folder / "arrays" / "session")
        times = small_session.write_spike_times(self.folder / "times" / "session")
        for name in ("trial_info_frame.csv", "session.params"):
            shutil.copy(times / name, arrays)
        contents = [digests(self.works(session, stages=STAGES[:1])["extract_bins"]) for session in (arrays, times)]
        self.assertEqual(contents[0], contents[1])

    def test_numbers_that_training_cannot_cope_with_are_numerical_trouble(self):
        session = trained_session.copy(self.folder)
        pca, model = session / "rnn_output" / "pca.h5", session / "rnn_output" / "models" / f"{FIT}.h5"
        kept, before = pca.read_bytes(), model.read_bytes()
        for value, at_bin in [(np.inf, 0), (-np.inf, 0), (np.inf, 12), (-np.inf, 12)]:  # NaN: nothing was observed
            for engine in ("fused", "libtorch"):
                with self.subTest(value=value, at_bin=at_bin, engine=engine):
                    if engine == "libtorch":
                        pipeline.need_torch()
                    pca.write_bytes(kept)
                    with h5py.File(pca, "a") as file:
                        fit = file[f"fits/{FIT}"]
                        fit["scores"][fit["train_trials"][0], at_bin, 0] = value
                    approve(pca)
                    done = self.run_fails(6, ["session", FIT, "diverged", "train.learning_rate", "halved 3 times"],
                                          "train_rnn", session, "--force", *small_session.flags(), "--engine", engine)
                    self.assertRegex(done.stderr, r"step \d+\b.* norm of the weights is -?(nan|inf|\d)")
                    self.assertEqual(model.read_bytes(), before)


if __name__ == "__main__":
    pipeline.main()
