"""docs/own_recording.md: its snippets run, counts and arrays of the same spikes agree, and mistakes are named."""
import h5py
import numpy as np

import doc_blocks
import pipeline
import small_session


def write(path, tastes, name="spike_array", **attributes):
    with h5py.File(path, "w") as h5:
        for taste, values in tastes.items():
            h5[f"spike_trains/{taste}/{name}"] = values
        h5["spike_trains"].attrs.update(attributes)


class OwnRecording(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.spikes = dict(zip(("water", "sucrose"), small_session.draw_spikes()))

    def bins(self, path, **changes):
        """What extract_bins makes of a file."""
        out = self.folder / "out"
        self.run_ok("extract_bins", path, "-o", out, *small_session.flags(**changes))
        with h5py.File(out / path.stem / "bins.h5") as h5:
            return {name: h5[name][()] for name in ("bin_edges_ms", "taste_names", "unit_regions", "tastes/000/counts",
                                                    "tastes/001/counts")}

    def test_commands_and_snippets_work(self):
        self.assertEqual(doc_blocks.run(pipeline.SOURCE / "docs/own_recording.md", self.folder), 4)
        with h5py.File(self.folder / "rnn_output/my_session/rates.h5") as h5:
            self.assertEqual(sorted(h5["rnn_output/regions"]), ["region_all_taste_all"])

    def test_arrays_give_their_sums_over_bins(self):
        write(self.folder / "own.h5", self.spikes, stim_ms=300)
        bins = self.bins(self.folder / "own.h5")
        self.assertEqual(bins["taste_names"].tolist(), [b"sucrose", b"water"])
        for at, taste in enumerate(("sucrose", "water")):
            window = self.spikes[taste][:, :, 200:800]
            np.testing.assert_array_equal(bins[f"tastes/{at:03}/counts"], window.reshape(*window.shape[:2], -1, 25).sum(-1))

    def test_counts_give_what_their_spikes_give(self):
        write(self.folder / "own.h5", self.spikes)
        counts = {taste: each.reshape(*each.shape[:2], -1, 25).sum(-1).astype("u2") for taste, each in self.spikes.items()}
        write(self.folder / "counts.h5", counts, "counts", bin_ms=25)
        for bin_ms in ("25", "50"):
            expected = self.bins(self.folder / "own.h5", bin_ms=bin_ms)
            for name, values in self.bins(self.folder / "counts.h5", bin_ms=bin_ms).items():
                np.testing.assert_array_equal(values, expected[name], name)

    def test_regions_of_units(self):
        write(self.folder / "own.h5", self.spikes)
        with h5py.File(self.folder / "own.h5", "a") as h5:
            h5["spike_trains/unit_regions"] = ["CA1", "CA1", "A1 (left)", "", "A1 (left)"]
        self.assertEqual(self.bins(self.folder / "own.h5")["unit_regions"].tolist(),
                         [b"CA1", b"CA1", b"A1__left_", b"unknown", b"A1__left_"])

    def refused(self, words, path=None, **changes):
        self.run_fails(4, words, "extract_bins", path or self.folder / "own.h5", *small_session.flags(**changes))

    def test_mistakes_are_named(self):
        counts = {"a": np.ones((4, 3, 40), "u1")}
        write(self.folder / "own.h5", counts, "counts")
        self.refused(["spike_trains/a", "attrs['bin_ms']"])
        write(self.folder / "own.h5", counts, "counts", bin_ms=2.5)
        self.refused(["bin_ms is 2.5", "whole ms"])
        write(self.folder / "own.h5", counts, "counts", bin_ms=20)
        self.refused(["bins of 20 ms", "bin_ms = 25"])
        self.refused(["bins of 20 ms", "time_lims_ms = 210"], bin_ms="20", time_lims_ms="[210, 790]")
        with h5py.File(self.folder / "own.h5", "a") as h5:
            h5["spike_trains/unit_regions"] = ["A1"]
        self.refused(["unit_regions", "1 regions, expected 3"], bin_ms="20")

    def test_file_that_is_not_understood_is_told_the_layout(self):
        with h5py.File(self.folder / "own.h5", "w") as h5:
            h5["trials"] = np.zeros((3, 3, 3))
        self.refused(["it holds: trials", "import h5py", "h5['spike_trains'].attrs['stim_ms']"])

    def test_the_lines_of_the_message_write_a_file_that_is_read(self):
        with h5py.File(self.folder / "own.h5", "w") as h5:
            h5["trials"] = np.zeros((3, 3, 3))
        done = pipeline.run_stage("extract_bins", self.folder / "own.h5")
        lines = done.stderr[done.stderr.index("  import h5py"):].splitlines()[:5]
        code = "\n".join(line[2:] for line in lines).replace("my_session.h5", str(self.folder / "own.h5"))
        exec(compile(code, "message", "exec"), self.spikes | {})
        self.assertEqual(self.bins(self.folder / "own.h5")["taste_names"].tolist(), [b"sucrose", b"water"])

    def test_stimulus_that_differs_from_the_setting_is_told(self):
        write(self.folder / "own.h5", self.spikes, stim_ms=300)
        done = pipeline.run_stage("extract_bins", self.folder / "own.h5", *small_session.flags(stim_ms="400"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("stimulus is at 300 ms", done.stderr)


if __name__ == "__main__":
    pipeline.main()
