"""docs/reading_results.md: every snippet runs, and PyTorch computes what is stored, as the page says."""
import subprocess
import unittest

import doc_blocks
import nwb
import pipeline

PAGE = pipeline.SOURCE / "docs/reading_results.md"


def has(python, module):
    return subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0


class ReadingResults(pipeline.PipelineTest):
    def test_snippets_work(self):
        doc_blocks.prepare(self.folder)
        absent = set()
        if not (nwb.PYTHON.exists() and has(nwb.PYTHON, "xarray, h5py")):
            absent.add("xarray")
        if not has("/usr/bin/python3", "torch"):
            absent.add("torch")
        ran = doc_blocks.run(PAGE, self.folder, {"xarray": nwb.PYTHON}, skip=absent)
        blocks = 10
        self.assertEqual(ran, blocks - ("xarray" in absent) - 2 * ("torch" in absent))
        if absent:
            raise unittest.SkipTest(f"no {' and no '.join(sorted(absent))} here; the other snippets ran")


if __name__ == "__main__":
    pipeline.main()
