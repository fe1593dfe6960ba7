"""scripts/quickstart.sh as a new user runs it: builds the release and ends with pictures and a score."""
import re
import subprocess
import unittest

import pipeline


class Quickstart(pipeline.PipelineTest):
    def test_it_ends_with_pictures_and_a_score(self):
        done = subprocess.run(["bash", pipeline.SOURCE / "scripts/quickstart.sh"], cwd=self.folder, text=True,
                              capture_output=True, timeout=1500)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        out = self.folder / "rnn_rates_demo/rnn_output"
        self.assertTrue((out / "report.html").exists())
        self.assertGreaterEqual(len(list((out / "plots").glob("*.png"))), 3)
        scores = {name: float(value) for name, value in re.findall(r"^  (\w+)\t([-.\d]+)$", done.stdout, re.M)}
        self.assertGreater(scores["rnn"], scores["boxcar_250ms"])
        self.assertGreater(scores["rnn"], 0.5)


if __name__ == "__main__":
    pipeline.main()
