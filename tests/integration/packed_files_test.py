"""Recordings as h5py and PyTables pack them: lzf, blosc, bit fields; counts are numpy's. Others are named."""
import h5py
import numpy as np
import tables

import pipeline
import small_session
from pynwb_file import counts, extracted

SPIKES = (np.random.default_rng(3).random((12, 6, 3000)) < 0.02).astype("u1")
FLAGS = ("--set", "stim_ms=1000", "--set", "time_lims_ms=[500, 2500]")


class Arrays(pipeline.PipelineTest):
    def check(self, name):
        self.run_ok("extract_bins", self.folder / f"{name}.h5", *FLAGS)
        found = extracted(self.folder / "rnn_output" / name / "bins.h5")
        np.testing.assert_array_equal(found["sucrose"], SPIKES[:, :, 500:2500].reshape(12, 6, 80, 25).sum(3))

    def test_lzf_of_h5py(self):
        for name, options in (("plain", {}), ("shuffled", {"shuffle": True, "fletcher32": True}), ("chunked", {"chunks": (1, 6, 100)})):
            with h5py.File(self.folder / f"{name}.h5", "w") as h5:
                h5.create_dataset("spike_trains/sucrose/spike_array", data=SPIKES, compression="lzf", **options)
            self.check(name)

    def write_with_pytables(self, name, values, **filters):
        with tables.open_file(str(self.folder / f"{name}.h5"), "w", filters=tables.Filters(**filters)) as h5:
            h5.create_carray("/spike_trains/sucrose", "spike_array", obj=values, createparents=True)

    def test_blosc_of_pytables(self):
        for library in ("blosc", "blosc:zstd", "blosc:lz4", "blosc:zlib"):
            name = library.replace(":", "_")
            self.write_with_pytables(name, SPIKES, complevel=5, complib=library)
            self.check(name)

    def test_booleans_of_pytables(self):
        self.write_with_pytables("plain", SPIKES.astype(bool))
        self.check("plain")
        self.write_with_pytables("packed", SPIKES.astype(bool), complevel=5, complib="blosc")
        self.check("packed")

    def test_bzip2_is_named(self):
        self.write_with_pytables("packed", SPIKES, complevel=5, complib="bzip2")
        self.run_fails(4, ["'bzip2' (307)", "HDF5_PLUGIN_PATH", "h5repack -f GZIP=4"], "extract_bins",
                       self.folder / "packed.h5", *FLAGS, env={"HDF5_PLUGIN_PATH": str(self.folder)})

    def test_flipped_bits_never_crash(self):
        for library in ("blosc", "lzf"):
            path = self.folder / f"{library}.h5"
            if library == "blosc":
                self.write_with_pytables("blosc", SPIKES, complevel=5, complib="blosc")
            else:
                with h5py.File(path, "w") as h5:
                    h5.create_dataset("spike_trains/sucrose/spike_array", data=SPIKES, compression="lzf")
            with h5py.File(path) as h5:
                chunk = h5["spike_trains/sucrose/spike_array"].id.get_chunk_info(0)
            for at in np.linspace(chunk.byte_offset, chunk.byte_offset + chunk.size - 1, 40).astype(int):
                small_session.flip_bit(path, int(at), bit=int(at) % 8)
                done = pipeline.run_stage("extract_bins", path, "--force", *FLAGS)
                self.assertIn(done.returncode, (0, 4), f"{library}, byte {at}: {done.stderr}")


class SpikeTimes(pipeline.PipelineTest):
    def test_lists_packed_with_lzf_in_chunks_are_numpys(self):
        path = small_session.write_nwb(self.folder / "own.nwb")
        with h5py.File(path, "a") as h5:
            times, ends, starts = (h5[name][()] for name in ("units/spike_times", "units/spike_times_index",
                                                             "intervals/trials/start_time"))
            del h5["units/spike_times"], h5["intervals/trials/taste"]
            h5.create_dataset("units/spike_times", data=times[:, None], chunks=(1000, 1), compression="lzf", shuffle=True)
        self.run_ok("extract_bins", path, "--set", "stim_ms=500", "--set", "time_lims_ms=[0, 1500]")
        found = extracted(self.folder / "rnn_output" / "own" / "bins.h5")
        np.testing.assert_array_equal(found["all"], counts(np.split(times, ends[:-1]), starts))


if __name__ == "__main__":
    pipeline.main()
