"""scripts/quickstart.sh as a new user runs it: builds the release and ends with pictures and a score."""
import os
import re
import shutil
import subprocess
import unittest

import pipeline


class Quickstart(pipeline.PipelineTest):
    def test_it_ends_with_pictures_and_a_score(self):
        done = subprocess.run(["bash", pipeline.SOURCE / "scripts/quickstart.sh"], cwd=self.folder, text=True,
                              capture_output=True, timeout=3500)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        out = self.folder / "rnn_rates_demo/rnn_output"
        self.assertTrue((out / "report.html").exists())
        self.assertGreaterEqual(len(list((out / "plots").glob("*.png"))), 3)
        scores = {name: float(value) for name, value in re.findall(r"^  (\w+)\t([-.\d]+)$", done.stdout, re.M)}
        self.assertGreater(scores["published"], scores["boxcar_250ms"])
        self.assertGreater(scores["published"], 0.5)

    def test_own_recording_as_the_readme_says(self):
        """Without installing and building again: the programs are those under test."""
        tools = self.folder / "tools"
        for path in (self.folder / "scripts", self.folder / "build/release", tools):
            path.mkdir(parents=True)
        shutil.copy(pipeline.SOURCE / "scripts/quickstart.sh", self.folder / "scripts")
        (self.folder / "build/release/bin").symlink_to(pipeline.BIN)
        for nothing in (self.folder / "scripts/install_deps.sh", tools / "cmake"):
            nothing.write_text("#!/bin/sh\n")
            nothing.chmod(0o755)
        blocks = re.findall(r"^```(?:python|bash)\n(.*?)^```", (pipeline.SOURCE / "README.md").read_text(), re.M | re.S)
        snippet, command = next(pair for pair in zip(blocks, blocks[1:]) if "own.h5" in pair[0] and "own.h5" in pair[1])
        subprocess.run(["/usr/bin/python3", "-c", snippet], cwd=self.folder, check=True)
        done = subprocess.run(["bash", "-c", command.strip() + " --set train.steps=20"], cwd=self.folder, text=True,
                              capture_output=True, env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        out = self.folder / "rnn_output/own"
        self.assertIn(f"{out.relative_to(self.folder)}/rates.h5", done.stdout)
        for name in ("rates.h5", "report.html", "plots/losses.png"):
            self.assertTrue((out / name).exists(), name)


if __name__ == "__main__":
    pipeline.main()
