"""SIGKILL and SIGTERM at random moments of each stage: whatever has its name is whole, and the same command ends as if
undisturbed; after a SIGTERM without repeating any step of a training.

RNN_RATES_KILLS sets the kills per stage (10; a long run wants 100).
"""
import os
import random
import re
import shutil
import signal
import subprocess
import time

import h5py

import pipeline
import processes
import small_session
from pipeline import STAGES, run_stage

KILLS = int(os.environ.get("RNN_RATES_KILLS", "10"))
FLAGS = small_session.flags(train__steps="4000", train__patience="0", train__validate_every="50") + [
    "--set", "checkpoint.every_s=0"]
COMMANDS = {stage: (stage, []) for stage in STAGES} | {"publish": ("infer_write", ["--publish"])}


def content_digests(out):
    return {path.name: h5py.File(path).attrs["content_digest"] for path in sorted(out.rglob("*.h5"))}


def spikes(session):
    with h5py.File(small_session.h5_of(session)) as file:
        return [file[f"spike_trains/{dig_in}/spike_array"][:].tobytes() for dig_in in file["spike_trains"]]


class Kill(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        random.seed(1)
        self.session = small_session.write(self.folder / "session")
        self.out = self.session / "rnn_output"
        self.before = spikes(self.session)

    def command(self, name):
        stage, extra = COMMANDS[name]
        return [pipeline.BIN / stage, self.session, *FLAGS, *extra]

    def test_killed_in_every_stage(self):
        killed = 0
        for name in COMMANDS:
            with self.subTest(name):
                killed += self.end_again_and_again(name, self.kill_once)
        self.assertGreater(killed, len(COMMANDS) * KILLS // 3, "most runs ended before the kill")

    def test_stopped_in_every_stage(self):
        stopped, self.longest_stop_s = 0, 0.0
        for name in COMMANDS:
            with self.subTest(name):
                stopped += self.end_again_and_again(name, self.stop_once)
        print(f"ended at most {self.longest_stop_s:.2f} s after the signal", flush=True)
        self.assertGreater(stopped, KILLS // 3, "most runs ended before the signal")

    def end_again_and_again(self, name, end_once):
        """Runs a stage KILLS times, each ended early and run again; returns how many were not through by then."""
        saved = self.folder / "saved"
        shutil.copytree(self.session, saved)
        work_s = processes.run_timed(self.command(name))
        expected = content_digests(self.out)
        ended = 0
        for _ in range(KILLS):
            shutil.rmtree(self.session)
            shutil.copytree(saved, self.session)
            early = end_once(name, random.uniform(0, work_s))
            ended += bool(early)
            self.check_what_is_there()
            again = subprocess.run(self.command(name), check=True, capture_output=True, text=True)
            if isinstance(early, str):
                self.check_no_step_is_repeated(early, again.stderr)
            self.assertEqual(content_digests(self.out), expected)
            self.assertFalse([path for path in self.session.rglob(".*")], "leftovers")
        shutil.rmtree(saved)
        print(f"{name}: {KILLS} signals, {ended} before the end of the run", flush=True)
        return ended

    def kill_once(self, name, work_s):
        """True where the run was not through by then."""
        process = subprocess.Popen(self.command(name), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        processes.wait_until_worked(process, work_s)
        process.kill()
        code = process.wait()
        # A gnuplot that was at work on a picture ends after it; what it leaves is taken away by the next run.
        processes.wait_until_session_ended(process)
        return code == -signal.SIGKILL

    def stop_once(self, name, work_s):
        """What the run said where it was not through by then; "" where it was."""
        process = subprocess.Popen(self.command(name), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        processes.wait_until_catching(process, signal.SIGTERM)
        processes.wait_until_worked(process, work_s)
        process.send_signal(signal.SIGTERM)
        sent = time.monotonic()
        said = process.communicate(timeout=60)[1]
        self.longest_stop_s = max(self.longest_stop_s, time.monotonic() - sent)
        self.assertIn(process.returncode, (0, 75), said)
        self.assertFalse([path for path in self.session.rglob(".*")], "leftovers")
        if process.returncode == 0:
            return ""
        self.assertIn("stopped by SIGTERM", said)
        return said

    def check_no_step_is_repeated(self, stopped, again):
        """Where a training was stopped in its midst, it goes on after the very step that it stopped at."""
        stopped_at = re.findall(r"stopped by SIGTERM after step (\d+)", stopped)
        gone_on_at = re.findall(r"goes on after step (\d+)", again)
        self.assertLessEqual(set(stopped_at), set(gone_on_at))

    def check_what_is_there(self):
        for kind, stage in (("bins.h5", "extract_bins"), ("pca.h5", "reduce_pca"), ("rates.h5", "infer_write")):
            for path in self.out.glob(kind):
                self.assertEqual(run_stage(stage, "--verify", self.session).returncode, 0, path)
        for path in [*(self.out / "models").glob("[!.]*.h5"), *self.out.glob("rates_*.ckpt.h5")]:
            with h5py.File(path) as file:
                self.assertEqual(file.attrs["complete"], 1, path)
        for path in (self.out / "plots").rglob("[!.]*.png"):
            self.assertTrue(path.read_bytes().endswith(b"IEND\xaeB`\x82"), path)
        for path in self.out.glob("report.html"):
            self.assertTrue(path.read_text().endswith("</html>\n"), path)
        self.assertEqual(spikes(self.session), self.before)


if __name__ == "__main__":
    pipeline.main()
