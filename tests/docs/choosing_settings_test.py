"""docs/choosing_settings.md: its table is of the lines that tests/bench/settings.py measures, which runs; keys are known."""
import importlib.util
import re
import subprocess
import sys

import pipeline

PAGE = (pipeline.SOURCE / "docs/choosing_settings.md").read_text()
SCRIPT = pipeline.SOURCE / "tests/bench/settings.py"


class ChoosingSettings(pipeline.PipelineTest):
    def test_the_table_is_of_the_scripts_lines_in_order(self):
        spec = importlib.util.spec_from_file_location("settings", SCRIPT)
        settings = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(settings)
        self.assertEqual(re.findall(r"^\| `(\w+: [^`]*)` \|", PAGE, re.M),
                         [f"{config}: {heading}" for heading, config, _ in settings.VARIANTS])

    def test_every_key_that_the_page_names_is_known(self):
        known = pipeline.run_stage("train_rnn", "--print-config").stdout
        for table, key in re.findall(r"`(\w+)\.(\w+)", PAGE):
            section = re.search(rf"^\[{table}\]\n((?:.+\n)*)", known, re.M)
            self.assertTrue(section and re.search(rf"^{key} = ", section[1], re.M), f"{table}.{key}")

    def test_the_script_runs(self):
        done = subprocess.run([sys.executable, SCRIPT, "--quick", "--only", "model.rank", "--", self.folder / "out"],
                              capture_output=True, text=True, timeout=500)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([line.split("|")[1].strip() for line in done.stdout.splitlines()],
                         ["`best: as it is`", "`best: model.rank = 4`"])


if __name__ == "__main__":
    pipeline.main()
