"""blech_clust's folders as they are: tastes under each other's names, dig-ins as PyTables lists them, times beside arrays."""
import json

import h5py
import numpy as np
import tables

import pipeline
import small_session
from pynwb_file import extracted

STARTS_S = 3.0 + 8.0 * np.arange(54)
TASTES = np.random.default_rng(6).permutation(np.repeat(range(4), [15, 14, 13, 12]))
NAMES = ["NaCl", "sucrose", "citric acid", "quinine"]
FLAGS = ("--set", "stim_ms=1000", "--set", "time_lims_ms=[500, 2500]")


class Folders(pipeline.PipelineTest):
    def write(self, dig_ins, arrays_of=range(4)):
        """`arrays_of`: (dig-in) whose trials its array holds."""
        random = np.random.default_rng(1)
        folder = self.folder / "AB1"
        folder.mkdir()
        spikes = [np.unique(random.integers(0, 440 * 1000, 6000)) for _ in range(5)]  # ms
        with tables.open_file(str(folder / "AB1.h5"), "w") as h5:
            for unit, times in enumerate(spikes):
                h5.create_array(f"/sorted_units/unit{unit:03}", "times", times * 30, createparents=True)
            for dig_in, taste in zip(dig_ins, arrays_of):
                h5.create_array(f"/spike_trains/{dig_in}", "spike_array", self.array(spikes, taste), createparents=True)
        info = {"taste_params": {"dig_in_names": dig_ins, "tastes": NAMES, "trial_count": [15, 14, 13, 12]}}
        (folder / "AB1.info").write_text(json.dumps(info))
        (folder / "AB1.params").write_text(json.dumps({"sampling_rate": 30000, "spike_array_durations": [1000, 2000]}))
        rows = [f"{dig_ins[taste]},{NAMES[taste]},{round(30000 * start)},{start / 4}" for taste, start in zip(TASTES, STARTS_S)]
        (folder / "trial_info_frame.csv").write_text("\n".join(["dig_in_name_taste,taste,start_taste,thirst", *rows]))
        return folder, spikes

    def array(self, spikes, taste):
        """(trial, unit, ms)"""
        found = np.zeros((np.sum(TASTES == taste), len(spikes), 3000))
        for trial, start in enumerate(STARTS_S[TASTES == taste]):
            for unit, times in enumerate(spikes):
                ms = times - round(1000 * start) + 1000
                found[trial, unit, ms[(ms >= 0) & (ms < 3000)]] = 1
        return found

    def check(self, folder, spikes, order):
        bins = folder / "rnn_output" / "bins.h5"
        found = extracted(bins)
        self.assertEqual(list(found), [NAMES[taste] for taste in order])
        for taste in order:
            array = self.array(spikes, taste)[:, :, 500:2500]
            np.testing.assert_array_equal(found[NAMES[taste]], array.reshape(len(array), 5, 80, 25).sum(3))
        with h5py.File(bins) as h5:
            rows = np.concatenate([np.flatnonzero(TASTES == taste) for taste in order])
            np.testing.assert_array_equal(h5["trials/row"][()], rows)
            np.testing.assert_allclose(h5["trials/time_s"][()], STARTS_S[rows])
            np.testing.assert_array_equal(h5["trials/thirst"][()], STARTS_S[rows] / 4)
            self.assertEqual(h5["trials/taste"].asstr()[()].tolist(), [NAMES[TASTES[row]] for row in rows])

    def test_dig_ins_come_as_pytables_lists_them(self):
        folder, spikes = self.write([f"dig_in_{number}" for number in (9, 10, 11, 12)])
        with tables.open_file(str(folder / "AB1.h5")) as h5:
            listed = [node._v_name for node in h5.list_nodes("/spike_trains")]
        order = [["dig_in_9", "dig_in_10", "dig_in_11", "dig_in_12"].index(name) for name in listed]
        self.assertEqual(order, [1, 2, 3, 0])
        for flags in ((), ("--from", "spike_times")):
            self.run_ok("extract_bins", folder, *FLAGS, *flags)
            self.check(folder, spikes, order)

    def test_tastes_under_each_others_names(self):
        folder, spikes = self.write([f"board-DIN-{number:02}" for number in (9, 10, 11, 12)], arrays_of=[1, 3, 0, 2])
        self.run_fails(4, ["that of board-DIN-09 (NaCl) holds trials of board-DIN-10 (sucrose)", "--from spike_times"],
                       "extract_bins", folder, *FLAGS)
        self.run_ok("extract_bins", folder, *FLAGS, "--from", "spike_times")
        self.check(folder, spikes, range(4))


class Units(pipeline.PipelineTest):
    def test_a_choice_travels_into_bins_and_rates(self):
        path = small_session.write_nwb(self.folder / "own.nwb")
        with h5py.File(path, "a") as h5:
            h5["units/id"] = np.array([3, 5, 8, 13, 21])
            h5["units/quality"] = ["good", "mua", "good", "noise", "good"]
            h5["units/snr"] = np.array([5.0, 6, 1, 7, 4])
            h5.copy("units", "processing/ecephys/curated")
        flags = small_session.flags(units="quality == 'good' and snr > 2", model__rank="2", infer__combine_with="[]")
        for more in ((), ("--set", "nwb.units=/processing/ecephys/curated")):
            self.run_all(path, *flags, *more, stages=pipeline.STAGES[:4])
            for name in ("bins", "rates"):
                with h5py.File(self.folder / f"rnn_output/own/{name}.h5") as h5:
                    self.assertEqual(h5["units/id"][()].tolist(), [3, 21])
                    self.assertEqual(h5["units/row"][()].tolist(), [0, 4])
                    self.assertEqual(h5["units/quality"][()].tolist(), [b"good", b"good"])
                    self.assertEqual(h5["units/snr"][()].tolist(), [5, 4])
        self.run_fails(4, ["/units: no column 'firing_rate'", "quality, snr"], "extract_bins", path,
                       *small_session.flags(units="firing_rate > 0.5"))
        self.run_fails(3, ["units", "a parenthesis is not closed"], "extract_bins", path, *small_session.flags(units="(snr > 1"))


if __name__ == "__main__":
    pipeline.main()
