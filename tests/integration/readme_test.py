"""Every command and snippet of README.md, run in order as a reader would."""
import os
import re
import shutil
import subprocess
import unittest

import pipeline

# These install and build; quickstart_test.py runs the one, and the other is what runs this test.
RUN_ELSEWHERE = {"bash scripts/quickstart.sh", "bash scripts/test.sh"}


class Readme(pipeline.PipelineTest):
    def test_commands_and_snippets_work(self):
        shutil.copytree(pipeline.SOURCE / "configs", self.folder / "configs")
        reference = self.folder / "configs/reference.toml"
        reference.write_text(re.sub(r"steps = 15000", "steps = 20", reference.read_text()))
        self.run_simulation()
        environment = {**os.environ, "PATH": f"{pipeline.BIN}:{os.environ['PATH']}"}
        blocks = re.findall(r"^```(bash|python)\n(.*?)^```", (pipeline.SOURCE / "README.md").read_text(), re.M | re.S)
        ran = 0
        for language, text in blocks:
            if text.strip() in RUN_ELSEWHERE:
                continue
            program = ["bash", "-euo", "pipefail", "-c"] if language == "bash" else ["/usr/bin/python3", "-c"]
            done = subprocess.run([*program, text], cwd=self.folder, env=environment, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, f"{text}\n{done.stderr}")
            ran += 1
        self.assertGreaterEqual(ran, 5)

    def run_simulation(self):
        done = pipeline.run_stage("extract_bins", "--simulate", self.folder / "my_session")
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    pipeline.main()
