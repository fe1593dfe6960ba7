"""Bad sessions and windows that tests/support/damages.py does not have: the exit code, what is said, nothing written."""
import json
import shutil

import h5py
import numpy as np

import pipeline
import small_session
from pipeline import STAGES, run_stage, statuses
from refusals import AS_USER, RefusalTest


class SessionFile(RefusalTest):
    def setUp(self):
        super().setUp()
        self.session = small_session.write(self.folder / "session")
        self.h5 = small_session.h5_of(self.session)

    def test_values_outside_the_window_are_not_looked_at(self):
        with small_session.edit(self.session) as file:
            file["spike_trains/dig_in_1/spike_array"][3, 2, 950] = np.nan
        self.works(self.session, stages=STAGES[:1])

    def test_flipped_bits_in_the_files_own_records_never_crash(self):
        whole = self.h5.read_bytes()
        with h5py.File(self.h5) as file:
            end = file["spike_trains/dig_in_0/spike_array"].id.get_offset()
        places = [at for at in range(end) if whole[at] != 0][::12]
        self.assertGreater(len(places), 30)
        for at in places:
            self.h5.write_bytes(whole)
            small_session.flip_bit(self.h5, at, bit=at % 8)
            done = run_stage("extract_bins", self.session, "-o", self.folder / "out", "--force", *small_session.flags())
            self.assertIn(done.returncode, (0, 4), f"byte {at}: {done.stderr}")

    def test_file_that_may_not_be_read(self):
        self.h5.chmod(0)
        self.fails(4, [str(self.h5), "Permission denied"], "extract_bins", self.session, prefix=AS_USER)


class SessionFolder(RefusalTest):
    def setUp(self):
        super().setUp()
        self.session = small_session.write(self.folder / "session")

    def refused(self, words, *arguments, session=None):
        self.fails(4, words, "extract_bins", session or self.session, *arguments)

    def test_absent(self):
        self.refused([str(self.folder / "absent"), "no such session"], session=self.folder / "absent")

    def test_without_an_h5(self):
        small_session.h5_of(self.session).unlink()
        self.refused([str(self.session), "no .h5 file", "blech_clust"])

    def test_with_several_h5_unless_one_is_chosen(self):
        shutil.copy(small_session.h5_of(self.session), self.session / "session_repacked.h5")
        self.refused([str(self.session), "2 .h5 files", "session.h5, session_repacked.h5", "--input"])
        self.refused(["no file 'other.h5'", "session.h5, session_repacked.h5"], "--input", "other.h5")
        self.works(self.session, "--input", "session_repacked.h5", stages=STAGES[:1])
        with h5py.File(self.session / "rnn_output" / "bins.h5") as file:
            self.assertEqual(json.loads(file.attrs["inputs"])[0]["name"], "session_repacked.h5")

    def test_unit_on_an_electrode_that_is_in_no_region(self):
        small_session.write(self.session, electrodes=[0, 2, 4, 77, 7])
        self.refused(["unit_descriptor", "unit 3", "electrode 77", "session.info", "--regions all"])
        report = self.works(self.session, "--set", "regions=all")
        self.assertEqual(set(statuses(report["extract_bins"]).values()), {"computed"})

    def test_flag_regions_all(self):
        small_session.write(self.session, electrodes=[0, 2, 4, 77, 7])
        self.run_ok("extract_bins", self.session, *small_session.flags(), "--regions", "all")
        with h5py.File(self.session / "rnn_output" / "bins.h5") as file:
            self.assertEqual(file["unit_regions"][()].tolist(), [b"all"] * 5)

    def test_without_info_or_descriptor_there_is_one_region(self):
        for name, what in [("bare", {"info": False}), ("no_table", {"descriptor": False})]:
            session = small_session.write(self.folder / name, **what)
            self.works(session, stages=STAGES[:1])
            with h5py.File(session / "rnn_output" / "bins.h5") as file:
                self.assertEqual(file["unit_regions"][()].tolist(), [b"all"] * 5)

    def test_spike_times_without_what_cuts_them(self):
        session = small_session.write_spike_times(self.folder / "times")
        for name in ("times.params", "trial_info_frame.csv"):
            text = (session / name).read_text()
            (session / name).unlink()
            self.refused(["times.h5", name, "blech_make_arrays.py"], session=session)
            (session / name).write_text("nonsense")
            self.refused([name], session=session)
            (session / name).write_text(text)
        self.works(session, stages=STAGES[:1])


class Windows(RefusalTest):
    def setUp(self):
        super().setUp()
        self.session = small_session.write(self.folder / "session")

    def refused(self, *words, **changes):
        self.fails(4, [str(small_session.h5_of(self.session)), *words], "extract_bins", self.session, **changes)

    def test_that_are_not_whole_bins(self):
        self.refused("time_lims_ms = [200, 810]", "bin_ms = 25", "24.4 bins", time_lims_ms="[200, 810]")
        self.refused("time_lims_ms = [200.5, 800.5]", "whole milliseconds", time_lims_ms="[200.5, 800.5]")

    def test_that_leave_the_array(self):
        self.refused("time_lims_ms = [200, 1025]", "1000 ms long", time_lims_ms="[200, 1025]")

    def test_that_miss_the_stimulus(self):
        self.refused("stim_ms = 300", "[400, 800)", time_lims_ms="[400, 800]")
        self.refused("stim_ms = 800", "[200, 800)", stim_ms="800")

    def test_that_are_empty(self):
        self.refused("[500, 500]", "empty", time_lims_ms="[500, 500]")
        self.refused("[800, 200]", "empty", time_lims_ms="[800, 200]")

    def test_that_touch_both_ends_of_the_array_are_fine(self):
        self.works(self.session, stages=STAGES[:1], time_lims_ms="[0, 1000]")

    def test_forecast_that_is_no_whole_number_of_bins_or_too_long(self):
        self.works(self.session, stages=STAGES[:2])
        for forecast, words in [("10", ["less than one bin"]), ("60", ["50 or 75"]), ("600", ["24 bins", "600"])]:
            self.fails(3, ["train.forecast_ms", *words], "train_rnn", self.session, train__forecast_ms=forecast)


if __name__ == "__main__":
    pipeline.main()
