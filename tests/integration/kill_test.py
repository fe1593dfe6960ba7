"""SIGKILL and SIGTERM at random moments of each stage: whatever has its name is whole, and the same command ends as if
undisturbed; after a SIGTERM without repeating any step of a training.

RNN_RATES_KILLS sets the kills per stage (10; a long run wants 100) and of a process that has the lock, RNN_RATES_PUBLISH_KILLS
those of infer_write --publish of a large recording (3, of 24 MB; a long run wants 60, of 240 MB).
"""
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import time

import h5py
import numpy as np

import pipeline
import processes
import small_session
from pipeline import STAGES, run_stage

KILLS = int(os.environ.get("RNN_RATES_KILLS", "10"))
PUBLISH_KILLS = int(os.environ.get("RNN_RATES_PUBLISH_KILLS", "3"))
FLAGS = small_session.flags(train__steps="4000", train__patience="0", train__validate_every="50") + [
    "--set", "checkpoint.every_s=0"]
COMMANDS = {stage: (stage, []) for stage in STAGES} | {"publish": ("infer_write", ["--publish"])}


def content_digests(out):
    return {path.name: h5py.File(path).attrs["content_digest"] for path in sorted(out.rglob("*.h5"))}


def spikes(session):
    with h5py.File(small_session.h5_of(session)) as file:
        return [file[f"spike_trains/{dig_in}/spike_array"][:].tobytes() for dig_in in file["spike_trains"]]


def digest_of(session):
    with h5py.File(small_session.h5_of(session)) as file:
        return hashlib.sha256(file["raw"][:].tobytes()).hexdigest()


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

    def test_killed_while_a_large_recording_is_published(self):
        """It is the old file or the new one, and the next run takes the copy away."""
        for stage in STAGES[:4]:
            run_stage(stage, self.session, *FLAGS)
        megabytes = 24 if PUBLISH_KILLS < 20 else 240
        with small_session.edit(self.session) as file:
            file["raw"] = np.random.default_rng(0).integers(0, 255, megabytes << 20, np.uint8)
        raw, killed, rng = digest_of(self.session), 0, random.Random(2)
        command = [*self.command("publish"), "--force"]
        work_s = processes.run_timed(command)
        for _ in range(PUBLISH_KILLS):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            processes.wait_until(process, lambda: list(self.session.glob(".session.h5.*.tmp")))
            processes.wait_until_worked(process, rng.uniform(work_s / 2, work_s))
            process.kill()
            killed += process.wait() == -signal.SIGKILL
            self.assertEqual((digest_of(self.session), spikes(self.session)), (raw, self.before))
            subprocess.run(self.command("extract_bins"), check=True, capture_output=True)
            self.assertFalse([path for path in self.session.rglob(".*")], "leftovers")
        subprocess.run(self.command("publish"), check=True, capture_output=True)
        print(f"--publish of {megabytes} MB: {PUBLISH_KILLS} kills, {killed} before the end of the run", flush=True)
        self.assertGreater(killed, 0)

    def test_whoever_has_the_lock_is_killed(self):
        for stage in STAGES[:2]:
            run_stage(stage, self.session, *FLAGS)
        for _ in range(KILLS):
            holder = subprocess.Popen([*self.command("train_rnn"), "--set", "train.steps=10000000"], stderr=subprocess.DEVNULL)
            processes.wait_until(holder, (self.out / ".rnn_rates.lock").exists)
            time.sleep(random.uniform(0, 0.02))
            holder.kill()
            self.assertEqual(holder.wait(), -signal.SIGKILL)
            start = time.monotonic()
            self.assertEqual(run_stage("reduce_pca", self.session, *FLAGS, "--force").returncode, 0)
            self.assertLess(time.monotonic() - start, 20, "held up by a lock that nobody has")
            self.assertFalse([path for path in self.session.rglob(".*")], "leftovers")

    def test_twenty_processes_on_one_session(self):
        for stage in STAGES:
            run_stage(stage, self.session, *FLAGS)
        expected = content_digests(self.out)
        for force in ([], ["--force"]):
            commands = [[*self.command(name), "--wait", *force] for name in ([*STAGES, "publish"] * 4)[:20]]
            started = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for command in commands]
            for process in started:
                said = process.communicate(timeout=600)[1]
                # One may come between two others whose files do not belong together yet.
                self.assertIn(process.returncode, (0, 4) if force else (0,), said)
            for stage in STAGES:
                run_stage(stage, self.session, *FLAGS)
            self.assertEqual(content_digests(self.out), expected)
            self.check_what_is_there()
            self.assertFalse([path for path in self.session.rglob(".*")], "leftovers")

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
        for path in [*(self.out / "models").glob("[!.]*.h5"), *self.out.glob("rates_*.ckpt.h5"),
                     *self.out.glob("rates.h5.*.part")]:
            with h5py.File(path) as file:
                self.assertEqual(file.attrs["complete"], 1, path)
        for path in (self.out / "plots").rglob("[!.]*.png"):
            self.assertTrue(path.read_bytes().endswith(b"IEND\xaeB`\x82"), path)
        for path in self.out.glob("report.html"):
            self.assertTrue(path.read_text().endswith("</html>\n"), path)
        self.assertEqual(spikes(self.session), self.before)


if __name__ == "__main__":
    pipeline.main()
