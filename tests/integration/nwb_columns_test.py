"""NWB files as people have them, written by pynwb: columns of every kind, times that cannot be right, main electrodes."""
import h5py
import numpy as np

import pipeline
import pynwb_file
from pynwb_file import CONDITIONS, FLAGS, STARTS_S


class NwbFile(pipeline.PipelineTest):
    def write(self, script):
        return pynwb_file.write(self.folder / "own.nwb", script)

    def extract(self, *flags, name="own.nwb"):
        """Returns what stderr says and the counts by taste."""
        done = pipeline.run_stage("extract_bins", self.folder / name, *FLAGS, *flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr, pynwb_file.extracted(self.folder / "rnn_output" / "own" / "bins.h5")

    def check(self, of_trial, *flags, order=None):
        """Counts of each condition are numpy's; `of_trial`: (trial) the condition, None where it has none."""
        said, found = self.extract(*flags)
        wanted = {condition: [start for start, own in zip(STARTS_S, of_trial) if own == condition]
                  for condition in set(of_trial) - {None}}
        self.assertEqual(set(found), set(wanted))
        for condition, starts in wanted.items():
            expected = pynwb_file.counts(pynwb_file.spike_times(self.folder / "own.nwb"), starts)
            np.testing.assert_array_equal(found[condition], expected, condition)
        if order:
            self.assertEqual(list(found), order)
        left_out = sum(condition is None for condition in of_trial)
        self.assertEqual(f"{left_out} without a condition" in said, left_out > 0, said)

    def refused(self, *words, flags=()):
        self.run_fails(4, words, "extract_bins", self.folder / "own.nwb", *FLAGS, *flags)


class Conditions(NwbFile):
    def test_lists(self):
        self.write("""
add_units()
file.add_trial_column("stimulus", "what was given, in order", index=True)
for row, start in enumerate(starts):
    file.add_trial(start_time=start, stop_time=start + 2, stimulus=[["sucrose"], ["sucrose", "water"], []][row % 3])
""")
        self.check(["sucrose", "sucrose+water", None] * 8)

    def test_enumeration(self):
        self.write("""
add_units()
for start in starts:
    file.add_trial(start_time=start, stop_time=start + 2)
names = ["sucrose", "water", "NaCl"]
file.trials.add_column(name="condition", description="what was given", enum=names, data=[names.index(c) for c in conditions])
""")
        self.check(CONDITIONS)

    def test_booleans_and_numbers(self):
        self.write("""
add_units()
file.add_trial_column("rewarded", "or not")
file.add_trial_column("contrast", "of the grating")
for row, start in enumerate(starts):
    file.add_trial(start_time=start, stop_time=start + 2, rewarded=bool(row % 2), contrast=[0.1 + 0.2, 0.25, 1, np.nan][row % 4])
""")
        self.check(["False", "True"] * 12, "--condition", "rewarded")
        self.check(["0.3", "0.25", "1", None] * 6, "--condition", "contrast", order=["0.25", "0.3", "1"])
        self.check(["0.3, False", "0.25, True", "1, False", None] * 6, "--condition", "contrast,rewarded")
        self.refused("--condition", "different values: contrast, rewarded")


    def test_lists_of_an_enumeration(self):
        self.write("""
add_units()
for start in starts:
    file.add_trial(start_time=start, stop_time=start + 2)
""")
        with h5py.File(self.folder / "own.nwb", "a") as h5:
            h5["intervals/trials/stimulus"] = np.array([0, 0, 1, 1] * 8, "u1")
            h5["intervals/trials/stimulus_index"] = np.cumsum([1, 2, 1] * 8)
            h5["intervals/trials/stimulus_elements"] = ["sweet", "salty"]
        self.check(["sweet", "sweet+salty", "salty"] * 8)


class Times(NwbFile):
    def test_trials_that_all_start_at_0(self):
        self.write("""
for _ in range(5):
    file.add_unit(spike_times=np.concatenate([np.sort(random.uniform(0, 2, 30)) for _ in starts]))
add_trials(np.zeros(24))
""")
        self.refused("24 of 24 trials", "start_time", "start of the recording")

    def test_spikes_in_ms(self):
        self.write("add_units([times * 1000 for times in trains])\nadd_trials()")
        self.refused("cover 2 to 117 s", "both in seconds")

    def test_trials_in_ms(self):
        self.write("add_units()\nadd_trials(1000 * starts)")
        self.refused("lie outside of what was recorded", "cover 2000 to 117000 s", "both in seconds")

    def test_all_in_ms(self):
        self.write("add_units([times * 1000 for times in trains])\nadd_trials(1000 * starts)")
        self.assertIn("Are times in ms?", self.extract()[0])

    def test_any_order_and_any_type(self):
        self.write("add_units([random.permutation(times) for times in trains])\nadd_trials()")
        with h5py.File(self.folder / "own.nwb", "a") as h5:
            order = np.random.default_rng(1).permutation(24)
            trials = h5["intervals/trials"]
            trials["condition"][...] = trials["condition"][()][order]
            del trials["start_time"]
            trials["start_time"] = STARTS_S[order].astype("i8")
        self.check(CONDITIONS)

    def test_single_trials_that_cannot_be_taken(self):
        self.write("""
add_units()
add_trials(np.concatenate([starts[:20], [np.nan, -20, 140, 150]]))
""")
        said, found = self.extract()
        self.assertIn("4 of 24 trials are left out: 2 after the last spike, 1 before the first spike, 1 without a start_time",
                      said)
        self.assertEqual(sum(len(counts) for counts in found.values()), 20)


class MainElectrodes(NwbFile):
    ELECTRODES = """
group = file.create_electrode_group("0", "shank", "unknown", file.create_device("probe"))
file.add_electrode_column("channel_name", "name of the channel")
for channel in range(16):
    file.add_electrode(id=100 + channel, location="L2/3" if channel < 8 else "L2_3", group=group, channel_name=str(channel))
add_trials()
"""

    def regions(self, script):
        self.write(self.ELECTRODES + script)
        said, _ = self.extract()
        with h5py.File(self.folder / "rnn_output/own/bins.h5") as h5:
            return said, h5["unit_regions"].asstr()[()].tolist()

    def test_each_way_to_tell(self):
        expected = ["L2_3_2"] * 3 + ["L2_3"] * 2
        for column, value, options in (("main_channel_id", "str(channel)", ""), ("peak_channel_id", "100 + channel", ""),
                                       ("max_electrode", "channel", ", table=file.electrodes")):
            with self.subTest(column):
                said, regions = self.regions(f"""
file.add_unit_column("{column}", "where it is largest"{options})
for times, channel in zip(trains, (2, 0, 6, 9, 13)):
    file.add_unit(spike_times=times, electrodes=list(range(16)), {column}={value})
""")
                self.assertEqual(regions, expected)
                self.assertNotIn("several regions", said)

    def test_names_that_differ_in_what_is_replaced_stay_apart(self):
        self.write("add_units()\nadd_trials()")
        with h5py.File(self.folder / "own.nwb", "a") as h5:
            h5["units/location"] = ["a/b", "a_b", "a b", "A/B", "a/b"]
        self.extract()
        with h5py.File(self.folder / "rnn_output/own/bins.h5") as h5:
            self.assertEqual(h5["unit_regions"].asstr()[()].tolist(), ["a_b_3", "a_b", "a_b_2", "A_B", "a_b_3"])
            self.assertEqual(h5["units/region"].asstr()[()].tolist(), ["a/b", "a_b", "a b", "A/B", "a/b"])

    def test_a_guess_is_told(self):
        said, regions = self.regions("for times in trains: file.add_unit(spike_times=times, electrodes=list(range(16)))")
        self.assertEqual(regions, ["L2_3"] * 5)
        self.assertIn("5 of 5 units lie in several regions", said)


if __name__ == "__main__":
    pipeline.main()
