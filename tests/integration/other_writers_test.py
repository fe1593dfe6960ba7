"""Files that SpikeInterface writes through NeuroConv, and that hdf5plugin packs: counts are numpy's, regions the main channels'."""
import h5py
import numpy as np

import nwb
import pipeline
from pynwb_file import CONDITIONS, FLAGS, STARTS_S, counts, extracted

NEUROCONV = """
import datetime, sys
import numpy as np
import spikeinterface as si
from neuroconv.tools.spikeinterface import add_sorting_analyzer_to_nwbfile
from pynwb import NWBFile, NWBHDF5IO

recording, sorting = si.generate_ground_truth_recording(
    durations=[130.0], sampling_frequency=5000.0, num_channels=16, num_units=8, seed=3)
recording.set_property("brain_area", np.repeat(["GC", "BLA"], 8))
analyzer = si.create_sorting_analyzer(sorting, recording, sparse=False)
analyzer.compute(["random_spikes", "waveforms", "templates"], verbose=False, progress_bar=False)
main = si.get_template_extremum_channel(analyzer, mode="peak_to_peak", outputs="index")
file = NWBFile(session_description="a test", identifier="test",
               session_start_time=datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc))
add_sorting_analyzer_to_nwbfile(analyzer, nwbfile=file)
file.add_trial_column("condition", "what was given")
for start, condition in zip({starts}, {conditions}):
    file.add_trial(start_time=start, stop_time=start + 2, condition=condition)
with NWBHDF5IO(sys.argv[1], "w") as io:
    io.write(file)
np.savez(sys.argv[2], *(sorting.get_unit_spike_train(unit) / 5000 for unit in sorting.unit_ids),
         main=[main[unit] for unit in sorting.unit_ids])
"""

HDF5PLUGIN = """
import sys
import h5py, hdf5plugin, numpy as np

spikes = np.load(sys.argv[2])
for name, how in dict(zstd=hdf5plugin.Zstd(), bitshuffle=hdf5plugin.Bitshuffle(), lz4=hdf5plugin.LZ4(), bzip2=hdf5plugin.BZip2(),
                      blosc=hdf5plugin.Blosc(cname="lz4"), blosc2=hdf5plugin.Blosc2()).items():
    with h5py.File(f"{sys.argv[1]}/{name}.h5", "w") as h5:
        h5.create_dataset("spike_trains/sucrose/spike_array", data=spikes, chunks=(1, 6, 3000), **how)
print(hdf5plugin.PLUGIN_PATH)
"""


class NeuroConv(pipeline.PipelineTest):
    def test_units_of_an_analyzer(self):
        path, beside = self.folder / "own.nwb", self.folder / "truth.npz"
        nwb.run("-c", NEUROCONV.replace("{starts}", repr(STARTS_S.tolist())).replace("{conditions}", repr(CONDITIONS)), path, beside)
        truth = np.load(beside)
        trains = [truth[f"arr_{unit}"] for unit in range(8)]
        regions = ["GC" if channel < 8 else "BLA" for channel in truth["main"]]
        self.assertEqual(set(regions), {"GC", "BLA"})
        for column in ("main_channel_id", "waveform_mean", None):
            if column != "main_channel_id":
                with h5py.File(path, "a") as h5:
                    del h5[f"units/{'waveform_mean' if column is None else 'main_channel_id'}"]
            done = pipeline.run_stage("extract_bins", path, *FLAGS)
            self.assertEqual(done.returncode, 0, done.stderr)
            bins = self.folder / "rnn_output/own/bins.h5"
            for condition, found in extracted(bins).items():
                own = [start for start, given in zip(STARTS_S, CONDITIONS) if given == condition]
                np.testing.assert_array_equal(found, counts(trains, own), condition)
            with h5py.File(bins) as h5:
                self.assertEqual(h5["unit_regions"].asstr()[()].tolist(), regions if column else ["GC"] * 8)
            self.assertEqual("electrodes of 8 of 8 units lie in several regions" in " ".join(done.stderr.split()), column is None)


class Hdf5Plugin(pipeline.PipelineTest):
    def test_filters_are_named_and_read_with_their_plugin(self):
        spikes = (np.random.default_rng(3).random((12, 6, 3000)) < 0.02).astype("u1")
        np.save(self.folder / "spikes.npy", spikes)
        plugins = nwb.run("-c", HDF5PLUGIN, self.folder, self.folder / "spikes.npy").strip()
        flags = ("--set", "stim_ms=1000", "--set", "time_lims_ms=[500, 2500]")
        for name in ("zstd", "bitshuffle", "lz4", "bzip2", "blosc2", "blosc"):
            with self.subTest(name):
                path = self.folder / f"{name}.h5"
                if name != "blosc":
                    self.run_fails(4, [f"packed by the filter '{name}' (", "HDF5_PLUGIN_PATH", "h5repack -f GZIP=4"], "extract_bins",
                                   path, *flags, env={"HDF5_PLUGIN_PATH": str(self.folder)})
                self.run_ok("extract_bins", path, *flags, env={"HDF5_PLUGIN_PATH": plugins if name != "blosc" else ""})
                found = extracted(self.folder / "rnn_output" / name / "bins.h5")
                np.testing.assert_array_equal(found["sucrose"], spikes[:, :, 500:2500].reshape(12, 6, 80, 25).sum(3))


if __name__ == "__main__":
    pipeline.main()
