"""extract_bins reads what pynwb writes: the same counts as from blech_clust's folder, by column names of choice."""
import h5py
import numpy as np

import hdf5_objects
import nwb
import pipeline
import small_session


def write_plain(path, units, starts_s, conditions=None, name="trials", **columns):
    """An NWB file's parts that matter here, written with h5py: `units` is a list of spike times in seconds."""
    text = h5py.string_dtype()
    with h5py.File(path, "w") as h5:
        h5["units/spike_times"] = np.concatenate(units)
        h5["units/spike_times_index"] = np.cumsum([len(unit) for unit in units]).astype(np.min_scalar_type(sum(map(len, units))))
        h5["units/id"] = np.arange(len(units))
        trials = h5.create_group(f"intervals/{name}")
        trials["id"] = np.arange(len(starts_s))
        trials["start_time"], trials["stop_time"] = np.array(starts_s), np.array(starts_s) + 1.0
        if conditions is not None:
            trials.create_dataset("condition", data=np.array(conditions, dtype=object), dtype=text)
        for column, values in columns.items():
            trials[column] = values
    return path


class AsBlechClust(pipeline.PipelineTest):
    """Counts, edges, regions and names are equal, and times of trials to the rounding of what seconds they are kept in."""

    def same(self, session, *flags):
        copy = nwb.write_session(session, self.folder / f"{session.name}.nwb")
        contents, times_s = [], []
        for path, out in ((session, "a"), (copy, "b")):
            self.run_ok("extract_bins", path, "-o", self.folder / out, *flags)
            bins = self.folder / out / session.name / "bins.h5"
            contents.append(hdf5_objects.objects(bins, without="/trials"))
            del contents[-1]["/"]  # Provenance.
            with h5py.File(bins) as h5:
                times_s += [h5["trials/time_s"][()]] if "trials" in h5 else []
        self.assertEqual(*contents)
        if len(times_s) == 2:  # Spike arrays come without.
            np.testing.assert_allclose(*times_s, rtol=0, atol=1e-6)

    def test_small_session(self):
        session = small_session.write_spike_times(self.folder / "small")
        self.same(session, *small_session.flags())

    def test_locust(self):
        pipeline.make_sessions(self.folder, "locust")
        self.same(self.folder / "locust")

    def test_all_stages_run_on_it(self):
        session = small_session.write_spike_times(self.folder / "small")
        path = nwb.write_session(session, self.folder / "small.nwb")
        self.run_all(path, *small_session.flags())
        self.assertTrue((self.folder / "rnn_output/small/plots").is_dir())


class Trials(pipeline.PipelineTest):
    SPIKES = [[1.0, 1.0004, 1.1, 5.25], [0.95, 1.05, 9.0]]
    FLAGS = ("--set", "time_lims_ms=[0,400]", "--set", "stim_ms=100", "--set", "bin_ms=100")

    def setUp(self):
        super().setUp()
        self.path = self.folder / "own.nwb"

    def counts(self, *flags):
        self.run_ok("extract_bins", self.path, *self.FLAGS, *flags)
        with h5py.File(self.folder / "rnn_output/own/bins.h5") as h5:
            names = [name.decode() for name in h5["taste_names"][()]]
            return {name: h5[f"tastes/{at:03}/counts"][()].tolist() for at, name in enumerate(names)}

    def refused(self, words, *flags):
        self.run_fails(4, words, "extract_bins", self.path, *self.FLAGS, *flags)

    def test_times_become_counts_around_the_trial(self):
        write_plain(self.path, self.SPIKES, [1.0, 5.0], ["b", "a"])
        self.assertEqual(self.counts(), {"a": [[[0, 0, 0, 1], [0, 0, 0, 0]]], "b": [[[0, 2, 1, 0], [1, 1, 0, 0]]]})

    def test_conditions_of_numbers_come_in_natural_order(self):
        write_plain(self.path, self.SPIKES, [1.0, 5.0, 1.2], tone_khz=np.array([10.0, 2.0, 2.0]))
        self.assertEqual(list(self.counts("--condition", "tone_khz")), ["2", "10"])
        self.assertEqual([len(trials) for trials in self.counts("--condition", "tone_khz").values()], [2, 1])
        write_plain(self.path, self.SPIKES, [1.0, 5.0, 1.2], rewarded=np.array([True, False, True]))
        self.assertEqual(list(self.counts("--condition", "rewarded")), ["False", "True"])

    def test_table_and_column_of_choice(self):
        write_plain(self.path, self.SPIKES, [0.5, 4.0], ["a", "a"], name="odours", valve=np.array([1.0, 5.0]))
        self.assertEqual(self.counts("--trials", "odours", "--align-to", "valve"),
                         self.counts("--trials", "/intervals/odours", "--align-to", "valve"))
        self.assertEqual(self.counts("--trials", "odours", "--align-to", "valve")["a"][1][0], [0, 0, 0, 1])

    def test_trials_without_conditions_are_one(self):
        write_plain(self.path, self.SPIKES, [1.0, 5.0])
        self.assertEqual(list(self.counts()), ["all"])

    def test_trials_without_a_stimulus_or_after_the_recording_are_left_out_and_told(self):
        write_plain(self.path, self.SPIKES, [1.0, np.nan, 20.0], ["a", "a", "b"])
        done = pipeline.run_stage("extract_bins", self.path, *self.FLAGS)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("2 of 3 trials", done.stderr)
        self.assertEqual({name: len(trials) for name, trials in self.counts().items()}, {"a": 1})

    def test_mistakes_are_answered_with_what_there_is(self):
        write_plain(self.path, self.SPIKES, [1.0, 5.0], name="odours", valve=np.array([1.0, 5.0]), mix=np.array([1, 2]))
        self.refused(["/intervals/trials", "tables in /intervals: odours", "--trials"])
        self.refused(["no column 'valves'", "mix, start_time, stop_time, valve"], "--trials", "odours", "--align-to", "valves")
        self.refused(["--condition", "2 to 50 different values: mix, valve"], "--trials", "odours")
        self.refused(["no column 'taste'", "mix"], "--trials", "odours", "--condition", "taste")
        write_plain(self.path, self.SPIKES, [100.0], ["a"])
        self.refused(["1 of 1 trials lie outside of what was recorded", "cover 0.95 to 9 s", "cover 100 to 100 s"])
        with h5py.File(self.path, "a") as h5:
            h5["units/spike_times_index"][...] = [9, 3]
        self.refused(["spike_times_index"])
        with h5py.File(self.path, "a") as h5:
            del h5["units"]
        self.refused(["no table /units", "intervals"])

    def test_more_rows_than_the_file_has_room_for(self):
        declared = {"shape": (60_000_000,), "chunks": (1_000_000,)}
        for column, kind in (("intervals/trials/start_time", "i1"), ("intervals/trials/condition", "S1"),
                             ("units/spike_times_index", "u1")):
            with self.subTest(column):
                write_plain(self.path, self.SPIKES, [1.0, 5.0], ["b", "a"])
                with h5py.File(self.path, "a") as h5:
                    del h5[column]
                    h5.create_dataset(column, dtype=kind, **declared)
                self.refused([f"/{column}: declares 60000000 rows", "is damaged"])
        write_plain(self.path, self.SPIKES, [1.0, 5.0], ["b", "a"])
        with h5py.File(self.path, "a") as h5:
            del h5["units/spike_times"], h5["units/spike_times_index"]
            h5.create_dataset("units/spike_times", dtype="i1", **declared)
        self.refused(["/units/spike_times: declares 60000000 rows", "is damaged"])

    def test_one_long_text_in_all_rows(self):
        write_plain(self.path, self.SPIKES, [1.0, 5.0], ["b", "a"])
        with h5py.File(self.path, "a") as h5:
            del h5["intervals/trials/condition"]
            column = h5.create_dataset("intervals/trials/condition", (1000,), h5py.string_dtype(), chunks=(1000,))
            column[0] = "x" * 60_000
            first = column.id.read_direct_chunk((0,))[1][:16]
            column.id.write_direct_chunk((0,), first * 1000)
        self.refused(["/intervals/trials/condition: holds longer texts than the file has room for"])


class Regions(pipeline.PipelineTest):
    def regions(self, path, *flags):
        self.run_ok("extract_bins", path, *Trials.FLAGS, *flags)
        with h5py.File(self.folder / "rnn_output/own/bins.h5") as h5:
            return h5["unit_regions"][()].tolist()

    def test_electrode_location_goes_before_a_column_of_units(self):
        path = write_plain(self.folder / "own.nwb", Trials.SPIKES, [1.0])
        self.assertEqual(self.regions(path), [b"all", b"all"])
        with h5py.File(path, "a") as h5:
            h5["units/location"] = ["CA1", "V1 layer 4"]
        self.assertEqual(self.regions(path), [b"CA1", b"V1_layer_4"])
        self.assertEqual(self.regions(path, "--regions", "all"), [b"all", b"all"])
        with h5py.File(path, "a") as h5:
            h5["units/electrodes"], h5["units/electrodes_index"] = [2, 0, 1], [1, 3]
            h5["general/extracellular_ephys/electrodes/location"] = ["gc", "gc", "bla"]
        self.assertEqual(self.regions(path), [b"bla", b"gc"])
        with h5py.File(path, "a") as h5:
            h5["units/electrodes"][0] = 3
        self.run_fails(4, ["unit 0 is on row 3", "3 rows"], "extract_bins", path, *Trials.FLAGS)


if __name__ == "__main__":
    pipeline.main()
