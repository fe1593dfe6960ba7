"""A small file system that fills up in each stage: exit code 5, nothing lost, and all works once there is room again."""
import contextlib
import os
import signal
import subprocess
import unittest

import pipeline
import processes
import small_session
import trained_session
from pipeline import STAGES, digests, run_stage, statuses
from refusals import listing

PAGE = 4096


class FullDisk(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", self.disk], capture_output=True)
        if mounted.returncode != 0:
            raise unittest.SkipTest("a file system of its own to fill up takes the right to mount one")
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=True)
        self.session = trained_session.copy(self.disk)

    def fill(self, leave):
        """Fills the disk but for some bytes; returns the file that does it."""
        filler = self.disk / "filler"
        with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 20))
        free = os.statvfs(self.disk)
        os.truncate(filler, filler.stat().st_size // PAGE * PAGE - max(leave - free.f_bavail * free.f_frsize, 0))
        return filler

    def content(self):
        return {path: path.read_bytes() for path in self.session.rglob("*") if path.is_file()}

    def fills_up_in(self, stage, *arguments, expected):
        before, files = self.content(), listing(self.session)
        for pages in (0, 1, 2):
            filler = self.fill(pages * PAGE)
            done = run_stage(stage, self.session, *small_session.flags(), "--force", *arguments)
            filler.unlink()
            self.assertEqual(done.returncode, 5, done.stderr)
            self.assertRegex(done.stderr, "No space left on device|no room|is the disk full")
            self.assertIn(str(self.disk), done.stderr)
            self.assertEqual(self.content(), before)
            self.assertEqual(listing(self.session), files)
        report = self.run_ok(stage, self.session, *small_session.flags(), "--force", *arguments)
        self.assertEqual(digests(report), expected)
        self.assertEqual(set(statuses(report).values()), {"computed"})

    def test_every_stage(self):
        for stage in STAGES:
            with self.subTest(stage):
                report = self.run_ok(stage, self.session, *small_session.flags())
                self.assertEqual(set(statuses(report).values()), {"up to date"})
                self.fills_up_in(stage, expected=digests(report))

    def test_no_room_for_another_file(self):
        """A full disk that has room, but whose table of files is full."""
        subprocess.run(["mount", "-o", "remount,nr_inodes=100", self.disk], check=True)
        fillers = self.disk / "fillers"
        fillers.mkdir()
        for stage, extra in [*((stage, []) for stage in STAGES), ("infer_write", ["--publish"]), ("infer_write", ["--nwb"])]:
            with self.subTest(stage, extra=extra):
                before, files = self.content(), listing(self.session)
                for left in (0, 1):
                    while os.statvfs(self.disk).f_favail > left:
                        (fillers / str(len(list(fillers.iterdir())))).touch()
                    done = run_stage(stage, self.session, *small_session.flags(), "--force", *extra)
                    for path in fillers.iterdir():
                        path.unlink()
                    self.assertEqual(done.returncode, 5, done.stderr)
                    self.assertIn("No space left on device", done.stderr)
                    self.assertEqual(self.content(), before)
                    self.assertEqual(listing(self.session), files)

    def test_simulating(self):
        for pages in (0, 1, 2, 4):
            filler = self.fill(pages * PAGE)
            done = run_stage("extract_bins", "--simulate", self.disk / "simulated")
            filler.unlink()
            self.assertEqual(done.returncode, 5, done.stderr)
            self.assertRegex(done.stderr, "No space left on device")
            self.assertFalse((self.disk / "simulated").exists())

    def test_publishing(self):
        report = self.run_ok("infer_write", self.session, *small_session.flags(), "--publish")
        self.fills_up_in("infer_write", "--publish", expected=digests(report))

    def test_nwb(self):
        before, files = self.content(), listing(self.session)
        for pages in (0, 1, 2):
            filler = self.fill(pages * PAGE)
            done = run_stage("infer_write", self.session, *small_session.flags(), "--nwb")
            filler.unlink()
            self.assertEqual(done.returncode, 5, done.stderr)
            self.assertIn("No space left on device", done.stderr)
            self.assertEqual(self.content(), before)
            self.assertEqual(listing(self.session), files)
        report = self.run_ok("infer_write", self.session, *small_session.flags(), "--nwb")
        self.assertEqual(statuses(report)["rates.nwb"], "computed")

    def test_a_recording_that_was_only_touched(self):
        """No room to note its new time: bins.h5 is up to date all the same; the recording is read again next time."""
        os.utime(small_session.h5_of(self.session))
        before, files = self.content(), listing(self.session)
        bins = self.session / "rnn_output" / "bins.h5"
        whole = -(-bins.stat().st_size // PAGE)
        # The lock takes the first, the edited copy the rest.
        for pages in (1, 2, whole):
            with self.subTest(pages):
                filler = self.fill(pages * PAGE)
                done = run_stage("extract_bins", self.session, *small_session.flags(), "-v")
                filler.unlink()
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("bins.h5 is up to date", done.stderr)
                self.assertRegex(done.stderr, "bins.h5.*No space left on device.* free.*read again next time")
                self.assertEqual(self.content(), before)
                self.assertEqual(listing(self.session), files)
        report = self.run_ok("extract_bins", self.session, *small_session.flags())
        self.assertEqual(set(statuses(report).values()), {"up to date"})
        self.assertNotEqual(bins.read_bytes(), before[bins])

    def test_checkpoints(self):
        """The first checkpoint does not fit: the run ends there, and goes on from nothing, losing nothing made before."""
        flags = small_session.flags(train__steps="400", train__patience="0") + ["--set", "checkpoint.every_s=0"]
        models = self.session / "rnn_output" / "models"
        expected = digests(self.run_ok("train_rnn", self.session, *flags))
        for path in models.iterdir():
            path.unlink()
        filler = self.fill(2 * PAGE)
        done = run_stage("train_rnn", self.session, *flags)
        filler.unlink()
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertEqual(list(models.iterdir()), [])
        self.assertEqual(digests(self.run_ok("train_rnn", self.session, *flags)), expected)

    def test_the_checkpoint_of_a_stopped_infer_write(self):
        command = ["infer_write", self.session, *small_session.flags(), "--baselines", "--force"]
        expected = digests(self.run_ok(*command))
        before, work_s, said = self.content(), 0.05, ""
        while "ckpt.h5" not in said:
            filler = self.fill(2 * PAGE)
            process = subprocess.Popen([pipeline.BIN / command[0], *command[1:]], stderr=subprocess.PIPE, text=True)
            processes.wait_until_catching(process, signal.SIGTERM)
            processes.wait_until_worked(process, work_s)
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=60)[1]
            filler.unlink()
            # 75: stopped before there was anything to keep; 5 for rates.h5: through by then.
            self.assertIn(process.returncode, (5, 75), said)
            self.assertEqual(self.content(), before)
            work_s *= 1.2 if process.returncode == 75 else 0.5
            self.assertGreater(work_s, 0.0001, said)
        self.assertEqual(process.returncode, 5, said)
        self.assertIn("No space left on device", said)
        self.assertEqual(digests(self.run_ok(*command)), expected)


if __name__ == "__main__":
    pipeline.main()
