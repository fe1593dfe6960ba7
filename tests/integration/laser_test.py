"""Trials with laser are included, left out or fitted apart, wherever the recording says which they are."""
import csv

import h5py
import numpy as np

import nwb
import pipeline
import small_session
from pipeline import STAGES

LASER_MS = [[0, 0, 2500, 0, 700, 0, 0, 2500], [0, 2500, 0, 0, 0, 0, 0]]


def add_durations(session):
    with small_session.edit(session) as file:
        for taste, durations in enumerate(LASER_MS):
            file[f"spike_trains/dig_in_{taste}/laser_durations"] = np.array(durations, float)
    return session


def add_column(session, name, values):
    """Adds a column to trial_info_frame.csv."""
    path = session / "trial_info_frame.csv"
    with open(path, newline="") as file:
        header, *rows = csv.reader(file)
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([header + [name], *(row + [value] for row, value in zip(rows, values))])


class Laser(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.whole = [spikes[:, :, 200:800].reshape(len(spikes), 5, 24, 25).sum(-1) for spikes in small_session.draw_spikes()]
        self.on = [np.array(durations) > 0 for durations in LASER_MS]

    def bins(self, session, choice):
        self.run_ok("extract_bins", session, "-o", self.folder / "out", "--laser", choice, *small_session.flags())
        with h5py.File(self.folder / "out" / session.stem / "bins.h5") as h5:
            return {name.decode(): h5[f"tastes/{at:03}/counts"][()] for at, name in enumerate(h5["taste_names"][()])}

    def check(self, session):
        sucrose, quinine = self.whole
        for choice, expected in [
                ("include", {"sucrose": sucrose, "quinine": quinine}),
                ("exclude", {"sucrose": sucrose[~self.on[0]], "quinine": quinine[~self.on[1]]}),
                ("separate", {"sucrose": sucrose[~self.on[0]], "quinine": quinine[~self.on[1]],
                              "sucrose_laser": sucrose[self.on[0]], "quinine_laser": quinine[self.on[1]]})]:
            found = self.bins(session, choice)
            self.assertEqual(list(found), list(expected))
            for taste in expected:
                np.testing.assert_array_equal(found[taste], expected[taste], f"{choice} {taste}")

    def test_durations_beside_the_spikes(self):
        self.check(add_durations(small_session.write(self.folder / "session")))

    def test_columns_of_the_table_of_trials(self):
        session = small_session.write_spike_times(self.folder / "session")
        add_column(session, "laser_duration_ms", sum(LASER_MS, []))
        self.check(session)

    def test_table_of_trials_for_arrays_without_durations(self):
        session = small_session.write_spike_times(self.folder / "session")
        small_session.write(session)
        add_column(session, "laser", [str(bool(ms)) for ms in sum(LASER_MS, [])])
        self.check(session)

    def test_column_of_nwb(self):
        session = small_session.write_spike_times(self.folder / "session")
        add_column(session, "laser", [str(bool(ms)) for ms in sum(LASER_MS, [])])
        self.check(nwb.write_session(session, self.folder / "recording.nwb"))

    def fits(self, session, *flags):
        self.run_all(session, *flags, *small_session.flags(laser="separate"), stages=STAGES[:2])
        with h5py.File(session / "rnn_output/pca.h5") as h5:
            return {fit: h5[f"fits/{fit}/trial_taste"][()].tolist() for fit in h5["fits"]}

    def test_separate_never_mixes_in_a_fit(self):
        session = add_durations(small_session.write(self.folder / "session"))
        self.assertEqual({fit: len(trials) for fit, trials in self.fits(session).items()},
                         {f"region_all_taste_{at}": count for at, count in enumerate((5, 6, 3, 1))})
        session = add_durations(small_session.write(self.folder / "joint"))
        joint = small_session.flags(laser="separate", fits__separate_tastes="false")
        self.run_all(session, *joint, stages=STAGES)
        with h5py.File(session / "rnn_output/rates.h5") as h5:
            found = {fit: group["trial_taste"][()].tolist() for fit, group in h5["rnn_output/regions"].items()}
        self.assertEqual(found, {"region_all_taste_all": [0] * 5 + [1] * 6, "region_all_taste_all_laser": [2] * 3 + [3]})

    def test_recording_that_does_not_tell_is_refused(self):
        session = small_session.write(self.folder / "session")
        self.run_fails(4, ["laser_durations", 'laser = "include"'], "extract_bins", session, "--laser", "exclude",
                       *small_session.flags())
        with small_session.edit(session) as file:
            for taste in (0, 1):
                file[f"spike_trains/dig_in_{taste}/laser_durations"] = np.ones(3 + taste)
        self.run_fails(4, ["dig_in_0/laser_durations", "3 values", "8 trials"], "extract_bins", session, "--laser", "exclude",
                       *small_session.flags())

    def test_nothing_left_is_refused(self):
        session = small_session.write(self.folder / "session")
        with small_session.edit(session) as file:
            for taste, count in enumerate((8, 7)):
                file[f"spike_trains/dig_in_{taste}/laser_durations"] = np.ones(count)
        self.run_fails(4, ["none is left"], "extract_bins", session, "--laser", "exclude", *small_session.flags())


if __name__ == "__main__":
    pipeline.main()
