"""Two runs on one session."""
import json
import os
import signal
import subprocess
import unittest

import pipeline
import processes
import small_session
from pipeline import REFERENCE

SETTINGS = ["-c", REFERENCE, "--set", "train.steps=1000000", "--set", "train.patience=0"]


class Lock(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        pipeline.make_sessions(self.folder / "sessions", "katz_gc")
        self.session = self.folder / "sessions/katz_gc"
        self.out = self.folder / "out"
        for stage in ("extract_bins", "reduce_pca"):
            self.run_ok(stage, *SETTINGS, "-o", self.out, self.session)
        self.first = subprocess.Popen([pipeline.BIN / "train_rnn", *map(str, [*SETTINGS, "-o", self.out, self.session])],
                                      stderr=subprocess.DEVNULL)
        self.addCleanup(self.end_first)
        processes.wait_until(self.first, (self.out / "katz_gc/.rnn_rates.lock").exists)

    def end_first(self):
        self.first.terminate()
        self.first.wait()

    def test_the_second_run_is_refused_and_told_who_is_there(self):
        self.run_fails(5, ["katz_gc", f"process {self.first.pid} on {os.uname().nodename}", "--wait"], "reduce_pca",
                       *SETTINGS, "-o", self.out, self.session)

    def test_nor_is_a_run_let_in_that_cannot_see_the_first(self):
        """In a container of its own process numbers, and as a user to whom /proc hides others' processes."""
        (self.out / "katz_gc").chmod(0o777)
        self.out.chmod(0o777)
        self.folder.chmod(0o755)
        hide = ["unshare", "-m", "sh", "-c", 'mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid=65534 "$@"', "-"]
        for name, prefix in (("container", ["unshare", "-p", "-f", "--mount-proc"]), ("hidden", hide)):
            with self.subTest(name):
                if subprocess.run([*prefix, "true"], capture_output=True).returncode != 0:
                    self.skipTest("it takes the right to make such a view of processes")
                self.run_fails(5, ["katz_gc", f"process {self.first.pid} on {os.uname().nodename}", "--wait"], "reduce_pca",
                               *SETTINGS, "--force", "-o", self.out, self.session, prefix=prefix)

    def test_a_dry_run_is_not_refused(self):
        self.run_ok("reduce_pca", *SETTINGS, "-n", "-o", self.out, self.session)

    def test_with_wait_the_second_run_goes_on_after_the_first(self):
        second = subprocess.Popen([pipeline.BIN / "reduce_pca", "--wait", *map(str, [*SETTINGS, "-o", self.out, self.session])],
                                  stderr=subprocess.PIPE, text=True)
        self.addCleanup(second.kill)
        said = next((line for line in second.stderr if "waiting" in line), "")
        self.assertIn(f"waiting for another run: process {self.first.pid} on", said)
        self.assertIsNone(second.poll())
        self.end_first()
        self.assertEqual(second.communicate(timeout=60)[1].count("waiting for"), 0)
        self.assertEqual(second.returncode, 0)

    def test_a_killed_run_holds_nothing_up(self):
        self.first.kill()
        self.first.wait()
        self.assertTrue((self.out / "katz_gc/.rnn_rates.lock").exists())
        self.run_ok("reduce_pca", *SETTINGS, "-o", self.out, self.session)
        self.assertFalse(list((self.out / "katz_gc").glob(".*")))


class TwoJobsThatWait(pipeline.PipelineTest):
    SETTINGS = small_session.flags(train__steps="20000", train__patience="0")

    def start(self, *flags):
        command = [pipeline.BIN / "train_rnn", "--wait", "--json", *self.sessions, *self.SETTINGS, *flags]
        job = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(job.communicate)
        self.addCleanup(job.kill)
        return job

    def locked(self, *numbers):
        locks = [self.sessions[number] / "rnn_output/.rnn_rates.lock" for number in numbers]
        return all(lock.exists() and lock.read_text() for lock in locks)

    def wait_for_locks(self, job, *numbers):
        processes.wait_until(job, lambda: self.locked(*numbers))
        self.assertIsNone(job.poll())

    def test_neither_keeps_a_session_that_it_is_through_with(self):
        """One trains 0 and 1 and then wants 2, while the other trains 2 and wants 0 and 1."""
        self.sessions = [small_session.write(self.folder / f"s{trials}", small_session.draw_spikes((trials,)))
                         for trials in (16, 15, 8)]
        for stage in ("extract_bins", "reduce_pca"):
            self.run_ok(stage, *self.sessions, *self.SETTINGS)
        first = self.start("--threads", "2")
        self.wait_for_locks(first, 0, 1)
        first.send_signal(signal.SIGSTOP)
        self.assertFalse(self.locked(2), "the first job was through with a session at once")
        second = self.start("--threads", "3")
        self.wait_for_locks(second, 2)
        first.send_signal(signal.SIGCONT)
        found = []
        for job in (first, second):
            out, said = job.communicate(timeout=300)
            self.assertEqual(job.returncode, 0, said)
            found += [output["status"] for session in json.loads(out)["sessions"] for output in session["outputs"]]
        self.assertEqual(sorted(found), ["computed"] * 3 + ["up to date"] * 3)
        self.assertFalse(list(self.folder.rglob(".*")))


if __name__ == "__main__":
    pipeline.main()
