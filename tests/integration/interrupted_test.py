"""One training on one rank, on four, interrupted ten times, or with the checkpoint of another engine."""
import shutil
import signal
import subprocess

import h5py

import mpi_run
import pipeline
import processes
import small_session
from pipeline import digests, run_stage

INTERRUPTIONS = 10
FLAGS = small_session.flags(train__patience="0", train__validate_every="50")
#: Enough that no training ends before it was interrupted ten times.
STEPS = {"fused": ["--engine", "fused", "--set", "train.steps=40000"],
         "libtorch": ["--engine", "libtorch", "--set", "train.steps=2000"]}
#: No checkpoint but those of the stops.
NEVER = ["--set", "checkpoint.every_s=100000"]


class Interrupted(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.session = small_session.write(self.folder / "session")
        self.models = self.session / "rnn_output" / "models"
        for stage in pipeline.STAGES[:2]:
            self.run_ok(stage, self.session, *FLAGS)

    def undisturbed(self, *arguments, **options):
        found = digests(self.run_ok("train_rnn", self.session, *FLAGS, *arguments, **options))
        shutil.rmtree(self.models)
        return found

    def interrupt(self, *arguments):
        """Stops a training soon after it began, which must save it. Returns the sum of all fits' steps so far."""
        command = [pipeline.BIN / "train_rnn", self.session, *FLAGS, *NEVER, "--threads", "1", *arguments]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        processes.wait_until_catching(process, signal.SIGTERM)
        processes.wait_until_worked(process, processes.cpu_s(process.pid) + 0.03)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 75, said)
        self.assertIn("stopped by SIGTERM", said)
        steps = 0
        for path in self.models.glob("*.ckpt.h5"):
            with h5py.File(path) as file:
                steps += int(file["step"][()])
                self.assertEqual(len(file["train_loss"]), file["step"][()])
        return steps

    def test_ten_interruptions_change_nothing(self):
        for engine in ("fused", "libtorch"):
            with self.subTest(engine):
                if engine == "libtorch":
                    pipeline.need_torch()
                shutil.rmtree(self.models, ignore_errors=True)
                expected = self.undisturbed(*STEPS[engine])
                steps = [self.interrupt(*STEPS[engine]) for _ in range(INTERRUPTIONS)]
                self.assertEqual(steps, sorted(steps))
                self.assertGreater(steps[-1], steps[0])
                report = self.run_ok("train_rnn", self.session, *FLAGS, *STEPS[engine])
                self.assertEqual(digests(report), expected)
                self.assertFalse(list(self.models.glob("*.ckpt.h5")))
                shutil.rmtree(self.models)

    def test_four_ranks_make_what_one_makes(self):
        self.assertEqual(self.undisturbed(*STEPS["fused"], **mpi_run.on(4)), self.undisturbed(*STEPS["fused"]))

    def test_the_checkpoint_of_another_engine_is_refused(self):
        pipeline.need_torch()
        for mine, other in (("fused", "libtorch"), ("libtorch", "fused")):
            with self.subTest(mine):
                shutil.rmtree(self.models, ignore_errors=True)
                while not list(self.models.glob("*.ckpt.h5")):
                    self.interrupt(*STEPS[mine])
                before = {path: path.read_bytes() for path in self.models.iterdir()}
                self.run_fails(4, [f"made by the engine {mine}", f"--engine {mine}", "--force"], "train_rnn",
                               self.session, *FLAGS, *STEPS[mine][2:], "--engine", other)
                self.assertEqual({path: path.read_bytes() for path in before}, before)
                found = digests(self.run_ok("train_rnn", self.session, *FLAGS, *STEPS[other], "--force"))
                shutil.rmtree(self.models)
                self.assertEqual(found, self.undisturbed(*STEPS[other]))


if __name__ == "__main__":
    pipeline.main()
