"""The folder of results is moved away while a stage works in it: exit code 5, and nothing made anew in its place."""
import random
import subprocess

import pipeline
import processes
import small_session
import trained_session
from pipeline import STAGES

MOMENTS = 6
FLAGS = [*small_session.flags(), "--force", "--threads", "1"]
#: What a stage leaves behind when it is through.
MADE = {"extract_bins": "bins.h5", "reduce_pca": "pca.h5", "train_rnn": "models/region_all_taste_1.h5",
        "infer_write": "rates.h5", "plot_rates": "plots/manifest.json"}


class VanishedFolder(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        random.seed(1)
        self.session = trained_session.copy(self.folder)
        self.out, self.aside = self.session / "rnn_output", self.folder / "aside"
        self.recording = small_session.h5_of(self.session).read_bytes()

    def start(self, stage, *flags):
        command = [pipeline.BIN / stage, self.session, *FLAGS, *flags]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, process, pattern):
        processes.wait_until(process, lambda: list(self.out.glob(pattern)))

    def end(self, process):
        """Moves the folder away; returns exit code and messages once the program has ended."""
        self.out.rename(self.aside)
        said = process.communicate(timeout=60)[1]
        self.assertEqual(small_session.h5_of(self.session).read_bytes(), self.recording)
        return process.returncode, said

    def put_back(self):
        self.assertFalse(self.out.exists(), "made anew")
        self.aside.rename(self.out)
        (self.out / ".rnn_rates.lock").unlink(missing_ok=True)

    def test_at_any_moment(self):
        for stage in STAGES:
            work_s = processes.run_timed([pipeline.BIN / stage, self.session, *FLAGS])
            for _ in range(MOMENTS):
                with self.subTest(stage):
                    (self.out / MADE[stage]).unlink()
                    process = self.start(stage)
                    self.wait_for(process, ".rnn_rates.lock")
                    processes.wait_until_worked(process, random.uniform(0, work_s))
                    code, said = self.end(process)
                    # 4: gone before the stage had opened its inputs.
                    self.assertIn(code, (0, 5) if stage == "extract_bins" else (0, 4, 5), said)
                    if code == 0:
                        self.assertTrue((self.aside / MADE[stage]).exists())
                    else:
                        self.assertIn(str(self.out), said)
                    self.put_back()
                    self.run_ok(stage, self.session, *FLAGS)

    def test_in_the_midst_of_a_training(self):
        process = self.start("train_rnn", "--set", "train.steps=1000000", "--set", "train.patience=0",
                             "--set", "checkpoint.every_s=0")
        self.wait_for(process, "models/*.ckpt.h5")
        code, said = self.end(process)
        self.assertEqual(code, 5, said)
        self.assertIn(f"{self.out}/models: there is no such folder, or no longer", said)
        self.put_back()

    def test_in_the_midst_of_drawing(self):
        for picture in (self.out / "plots").rglob("*.png"):
            picture.unlink()
        process = self.start("plot_rates", "--set", "plots.single_files=true")
        self.wait_for(process, "plots/**/[!.]*.png")
        code, said = self.end(process)
        self.assertEqual(code, 5, said)
        self.assertRegex(said, f"{self.out}/plots.*: there is no such folder, or no longer")
        self.put_back()


if __name__ == "__main__":
    pipeline.main()
