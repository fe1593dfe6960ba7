"""Files and folders that are no HDF5 of ours, or NWB by another name: read where they can be, else told by what they are."""
import shutil

import h5py
import numpy as np

import pipeline
import small_session
from pynwb_file import extracted


class OtherFormats(pipeline.PipelineTest):
    FLAGS = small_session.flags()

    def refused(self, path, *words):
        self.run_fails(4, words, "extract_bins", path, *self.FLAGS)

    def test_nwb_by_another_name_is_known_by_its_version(self):
        path = small_session.write_nwb(self.folder / "own.nwb")
        with h5py.File(path, "a") as h5:
            h5.attrs["nwb_version"] = "2.8.0"
        self.run_ok("extract_bins", path, *self.FLAGS, "-o", self.folder / "out")
        expected = extracted(self.folder / "out" / "own" / "bins.h5")
        for name in ("own.h5", "own.hdf5", "OWN.NWB", "own"):
            other = self.folder / name
            shutil.copy(path, other)
            report = self.run_ok("extract_bins", other, *self.FLAGS, "--force", "-o", self.folder / f"out_{name}")
            found = extracted(report["sessions"][0]["outputs"][0]["path"])
            self.assertEqual(list(found), list(expected))
            for taste in expected:
                np.testing.assert_array_equal(found[taste], expected[taste])

    def test_zarr(self):
        folder = self.folder / "session.nwb"
        folder.mkdir()
        (folder / ".zgroup").write_text('{"zarr_format": 2}')
        self.refused(folder, "Zarr", "hdmf-zarr")

    def test_data_not_fetched(self):
        folder = self.folder / "annexed"
        folder.mkdir()
        (folder / "a.h5").symlink_to("../.git/annex/objects/x/a.h5")
        self.refused(folder, "git annex get")
        self.refused(folder / "a.h5", "git annex get")
        (self.folder / "b.nwb").write_text("version https://git-lfs.github.com/spec/v1\n")
        self.refused(self.folder / "b.nwb", "git lfs pull")

    def test_axes_in_another_order(self):
        spikes = np.zeros((12, 6, 3000), "u1")
        for axes in ((0, 2, 1), (2, 1, 0)):
            path = self.folder / "turned.h5"
            path.unlink(missing_ok=True)
            with h5py.File(path, "w") as h5:
                h5["spike_trains/sucrose/spike_array"] = spikes.transpose(axes)
            self.refused(path, "expected trial, unit, ms", "numpy.transpose")


if __name__ == "__main__":
    pipeline.main()
