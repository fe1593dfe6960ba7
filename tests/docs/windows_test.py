"""docs/windows.md: its commands and snippets run and give what the page says."""
import h5py
import numpy as np

import doc_blocks
import pipeline


class Windows(pipeline.PipelineTest):
    def test_page(self):
        self.assertEqual(doc_blocks.run(pipeline.SOURCE / "docs/windows.md", self.folder), 3)
        name = "rnn_output/regions/region_all_taste_all"
        for window, bins, start in (("early", 60, -500), ("late", 80, 0)):
            with h5py.File(self.folder / "windows" / window / "rates.h5") as h5:
                self.assertEqual(h5[name]["rate_hz"].shape[2], bins)
                self.assertEqual(h5[name]["time_ms"][0], start + 12.5)
        with h5py.File(self.folder / "rnn_output/continuous/rates.h5") as h5:
            self.assertEqual(h5[name]["rate_hz"].shape, (1, 8, 2400))
            np.testing.assert_array_equal(h5[name]["bin_fold"][:], np.arange(2400) // 600)


if __name__ == "__main__":
    pipeline.main()
