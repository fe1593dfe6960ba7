"""An installation that was moved runs from anywhere, LibTorch's engine and the drop-in script included."""
import os
import subprocess

import pipeline
import small_session


class Installed(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        first, self.prefix = self.folder / "first", self.folder / "moved here"
        subprocess.run(["cmake", "--install", pipeline.BIN.parent, "--prefix", first], check=True, capture_output=True)
        first.rename(self.prefix)
        self.elsewhere = self.folder / "elsewhere"
        self.elsewhere.mkdir()
        self.session = small_session.write(self.folder / "session", small_session.draw_spikes(length_ms=4600))

    def run_installed(self, program, *arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RNN_RATES")}
        done = subprocess.run([self.prefix / "bin" / program, *map(str, arguments)], cwd=self.elsewhere, text=True,
                              capture_output=True, env=environment | {"PATH": "/usr/bin:/bin"}, timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_all_stages_run_from_elsewhere(self):
        flags = [self.session, "-c", self.prefix / "share/rnn-rates/configs/reference.toml", "--set", "train.steps=5"]
        for stage in pipeline.STAGES:
            self.run_installed(stage, *flags)
        self.run_installed("train_rnn", *flags, "--force", "--engine", "libtorch")

    def test_drop_in_finds_programs_and_preset(self):
        self.run_installed("infer_rnn_rates", self.session, "--train_steps", 5)
        self.assertTrue((self.session / "rnn_output/rates.h5").exists())

    def test_no_program_depends_on_the_build_folder(self):
        for program in sorted((self.prefix / "bin").iterdir()) + list((self.prefix / "lib").rglob("*.so")):
            found = subprocess.run(["readelf", "-d", program], capture_output=True, text=True).stdout
            self.assertNotIn(str(pipeline.BIN.parent), found)


if __name__ == "__main__":
    pipeline.main()
