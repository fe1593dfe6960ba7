"""Two runs on one session."""
import json
import os
import signal
import subprocess
import time
import unittest

import pipeline
import preload
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


class LocksOfOthers(pipeline.PipelineTest):
    """A lock of another user, another machine, another time."""
    SETTINGS = small_session.flags(train__patience="0")
    ENDLESS = ["--set", "train.steps=10000000"]

    def setUp(self):
        super().setUp()
        self.session = small_session.write(self.folder / "session")
        for stage in ("extract_bins", "reduce_pca"):
            self.run_ok(stage, self.session, *self.SETTINGS)
        self.lock = self.session / "rnn_output/.rnn_rates.lock"

    def start(self, *arguments, prefix=(), env=None):
        """A training that has the lock."""
        command = [*prefix, pipeline.BIN / "train_rnn", self.session, *self.SETTINGS, *arguments]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        processes.wait_until(process, lambda: self.lock.exists() and self.lock.read_bytes())
        return process

    def refused(self, words, **options):
        start = time.monotonic()
        self.run_fails(5, words, "reduce_pca", self.session, *self.SETTINGS, "--force", **options)
        self.assertLess(time.monotonic() - start, 20, "a run that is refused was held up")

    def on(self, host):
        """Environment of a machine of that name."""
        source = """
            #include <stdlib.h>
            #include <string.h>
            #include <unistd.h>
            int gethostname(char* name, size_t size) { strncpy(name, getenv("FAKE_HOST"), size); return 0; }
            """
        if not (self.folder / "host.so").exists():
            preload.build(self, "host", source)
        return {"LD_PRELOAD": str(self.folder / "host.so"), "FAKE_HOST": host}

    def make_old(self, seconds):
        os.utime(self.lock, (time.time() - seconds,) * 2)

    def test_of_a_user_with_umask_077(self):
        if os.geteuid() != 0:
            self.skipTest("it takes root to be two users")
        subprocess.run(["chmod", "-R", "a+rwX", self.folder], check=True)

        def user(number):
            return ["setpriv", f"--reuid={number}", "--regid=100", "--clear-groups", "sh", "-c", 'umask 077; exec "$@"', "-"]

        first = self.start(*self.ENDLESS, prefix=user(2001))
        self.refused([f"process {first.pid} on"], prefix=user(2002))
        first.send_signal(signal.SIGSTOP)
        self.make_old(31)
        self.refused([f"process {first.pid} on"], prefix=user(2002))
        with self.subTest("not readable, as an earlier version left it"):
            self.lock.chmod(0o600)
            self.refused(["user 2001, whose lock cannot be read"], prefix=user(2002))
        first.send_signal(signal.SIGCONT)
        self.assertIsNone(first.poll())

    def test_is_not_taken_over_while_it_is_renewed(self):
        """Its date may be anything: the two machines may not agree on the time."""
        self.start(*self.ENDLESS, env=self.on("node1"))
        for age_s in (3600, -3600, -10 ** 9):
            with self.subTest(age_s=age_s):
                self.make_old(age_s)
                self.refused(["on node1 since"], env=self.on("node2"))

    def test_nor_where_no_process_is_shown(self):
        """Without /proc the run's process looks as if it were gone."""
        if "ASAN_OPTIONS" in os.environ:
            self.skipTest("the address sanitizer itself needs /proc")
        hide = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "-"]
        if subprocess.run([*hide, "true"], capture_output=True).returncode != 0:
            self.skipTest("it takes the right to mount something over /proc")
        first = self.start(*self.ENDLESS)
        self.refused([f"process {first.pid} on"], prefix=hide)

    def test_a_run_that_lost_its_lock_while_it_was_halted_writes_nothing(self):
        """The train_rnn on node1 is suspended for over five minutes; another one comes, trains and ends."""
        models = self.session / "rnn_output/models"
        first = self.start("--set", "train.steps=20000", env=self.on("node1"))
        first.send_signal(signal.SIGSTOP)
        self.make_old(400)
        self.run_ok("train_rnn", self.session, *self.SETTINGS, "--set", "train.steps=50", env=self.on("node2"))
        made = {path: path.read_bytes() for path in models.iterdir()}
        first.send_signal(signal.SIGCONT)
        said = first.communicate(timeout=60)[1]
        self.assertEqual(first.returncode, 5, said)
        self.assertIn("took this folder's lock over while this one was halted", said)
        self.assertEqual({path: path.read_bytes() for path in models.iterdir()}, made)


class PlantedFiles(pipeline.PipelineTest):
    def test_a_link_under_a_name_that_a_temporary_file_might_have_is_not_followed(self):
        session = small_session.write(self.folder / "session")
        out, theirs = session / "rnn_output", self.folder / "thesis.tex"
        theirs.write_text("precious")
        out.mkdir()
        host = os.uname().nodename
        for name in (".rnn_rates.lock", f"..rnn_rates.lock.now.{host}.1", f".bins.h5.{host}.1.tmp"):
            (out / name).symlink_to(theirs)
        last = int(open("/proc/sys/kernel/ns_last_pid").read())
        for process in range(last, last + 2000):
            for name in (f".bins.h5.{host}.{process}.tmp", f".rnn_rates.lock.now.{host}.{process}"):
                (out / name).unlink(missing_ok=True)
                (out / name).symlink_to(theirs)
        (out / ".rnn_rates.lock").unlink()
        pipeline.run_stage("extract_bins", session, *small_session.flags())
        self.assertEqual(theirs.read_text(), "precious")
        self.assertFalse((out / "bins.h5").is_symlink())


if __name__ == "__main__":
    pipeline.main()
