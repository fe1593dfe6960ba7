"""--verify: each stage looks at what it would read and at what it wrote, and finds what is not as it was written."""
import h5py

import pipeline
import small_session
import trained_session
from pipeline import STAGES
from refusals import RefusalTest


class Verify(RefusalTest):
    def setUp(self):
        super().setUp()
        self.session = trained_session.copy(self.folder)
        self.out = self.session / "rnn_output"

    def all_fine(self, *arguments):
        for stage in STAGES:
            with self.subTest(stage):
                self.run_ok(stage, self.session, *small_session.flags(), "--verify", *arguments)

    def test_many_sessions_and_threads(self):
        sessions = [trained_session.copy(self.folder / str(number)).rename(self.folder / f"s{number}")
                    for number in range(8)]
        for stage in STAGES:
            with self.subTest(stage):
                self.run_ok(stage, *sessions, *small_session.flags(), "--verify", "--threads", "4")

    def found(self, stage, *words):
        self.fails(4, words, stage, self.session, "--verify")

    def test_nothing_is_found_where_nothing_is(self):
        self.all_fine()
        self.run_ok("infer_write", self.session, *small_session.flags(), "--publish", "--nwb")
        self.all_fine()

    def test_every_stage_reads_what_it_would_read(self):
        path = self.out / "bins.h5"
        small_session.flip_bit_of(path, "tastes/001/counts")
        for stage in STAGES:
            with self.subTest(stage):
                self.found(stage, str(path), "damaged", "extract_bins --force")

    def test_spikes_that_changed_without_a_trace(self):
        with h5py.File(small_session.h5_of(self.session), "r+") as file:
            spikes = file["spike_trains/dig_in_0/spike_array"]
            spikes[0, 0, 500] = 1 - spikes[0, 0, 500]
        self.found("extract_bins", str(small_session.h5_of(self.session)), "its spikes are not those of")

    def test_other_settings_leave_nothing_to_compare(self):
        done = pipeline.run_stage("extract_bins", self.session, *small_session.flags(bin_ms="50"), "--verify")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("was made with other settings", done.stderr)

    def test_published_rates_that_changed(self):
        self.run_ok("infer_write", self.session, *small_session.flags(), "--publish")
        with h5py.File(small_session.h5_of(self.session), "r+") as file:
            file["rnn_output/regions/region_all_taste_0/pred_firing"][0, 0, 0] += 1
        self.found("infer_write", "session.h5:/rnn_output", "not those that were published", "--publish --force")

    def test_damaged_nwb(self):
        self.run_ok("infer_write", self.session, *small_session.flags(), "--nwb")
        path = self.out / "rates.nwb"
        small_session.flip_bit_of(path, "processing/rnn_rates/region_all_taste_0_rate/data")
        self.found("infer_write", str(path), "damaged", "infer_write --nwb --force")

    def test_pictures_without_their_list(self):
        (self.out / "plots/manifest.json").write_text("{")
        self.found("plot_rates", str(self.out / "plots"), "plot_rates --force")


if __name__ == "__main__":
    pipeline.main()
