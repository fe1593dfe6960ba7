"""Stopping a training in order and going on with it."""
import os
import signal
import subprocess
import time
import unittest

import mpi_run
import pipeline
import processes
import small_session
import trained_session
from pipeline import REFERENCE, digests

SETTINGS = ["-c", REFERENCE, "--set", "train.steps=400", "--set", "train.patience=0", "--set", "train.engine=libtorch"]


class Stop(pipeline.PipelineTest):
    def setUp(self):
        pipeline.need_torch()
        super().setUp()
        pipeline.make_sessions(self.folder / "sessions", "locust")
        self.session = self.folder / "sessions/locust"

    def prepare(self, out):
        for stage in ("extract_bins", "reduce_pca"):
            self.run_ok(stage, *SETTINGS, "-o", out, self.session)

    def train_and_signal(self, out, which):
        """Starts train_rnn, sends the signal once it has saved some training, returns exit code and stderr."""
        models = out / "locust/models"
        before = pipeline.modified_ns(models, "*.ckpt.h5")
        flags = ["--threads", "1", "--set", "checkpoint.every_s=0"]
        process = subprocess.Popen([pipeline.BIN / "train_rnn", *map(str, [*SETTINGS, *flags, "-o", out, self.session])],
                                   stderr=subprocess.PIPE, text=True)
        processes.wait_until(process, lambda: pipeline.modified_ns(models, "*.ckpt.h5") != before)
        process.send_signal(which)
        said = process.communicate(timeout=60)[1]
        return process.returncode, said

    def test_a_stopped_training_goes_on_to_the_same_digests(self):
        undisturbed, stopped = self.folder / "a", self.folder / "b"
        for out in (undisturbed, stopped):
            self.prepare(out)
        expected = digests(self.run_ok("train_rnn", *SETTINGS, "-o", undisturbed, self.session))
        for which in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            code, said = self.train_and_signal(stopped, which)
            self.assertEqual(code, 75, said)
            self.assertIn(f"stopped by {which.name}", said)
            self.assertTrue(list((stopped / "locust/models").glob("*.ckpt.h5")))
        done = pipeline.run_stage("train_rnn", *SETTINGS, "-o", stopped, self.session)
        self.assertIn("goes on after step", done.stderr)
        self.assertEqual(digests(self.run_ok("train_rnn", *SETTINGS, "-o", stopped, self.session)), expected)
        self.assertFalse(list((stopped / "locust/models").glob("*.ckpt.h5")))

    def test_the_wall_limit_and_slurms_end_time_stop_it(self):
        self.prepare(self.folder)
        long = ["--set", "train.steps=1000000", "-o", self.folder, self.session]
        done = pipeline.run_stage("train_rnn", *SETTINGS, *long, "--wall-limit", "00:00:02")
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertIn("the time limit", done.stderr)
        end = {"SLURM_JOB_END_TIME": str(int(time.time()) + 65)}
        done = pipeline.run_stage("train_rnn", *SETTINGS, *long, env=end)
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertIn("goes on after step", done.stderr)

    def test_a_limit_that_is_over_ends_each_stage_before_its_first_session(self):
        session = trained_session.copy(self.folder)
        for options in ({}, mpi_run.on(2)):
            for stage in pipeline.STAGES:
                with self.subTest(stage, **options):
                    self.run_fails(75, ["stopped by the time limit", "run again"], stage,
                                   session, *small_session.flags(), "--force", "--wall-limit", "0", **options)

    def test_every_rank_stops_and_the_job_says_75(self):
        self.prepare(self.folder)
        done = pipeline.run_stage("train_rnn", *SETTINGS, "--set", "train.steps=1000000", "--wall-limit", "4", "-o",
                                  self.folder, self.session, **mpi_run.on(2))
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertGreaterEqual(len(list((self.folder / "locust/models").glob("*.ckpt.h5"))), 2)

    def test_a_damaged_checkpoint_is_not_used(self):
        self.prepare(self.folder)
        code, said = self.train_and_signal(self.folder, signal.SIGTERM)
        self.assertEqual(code, 75, said)
        for checkpoint in (self.folder / "locust/models").glob("*.ckpt.h5"):
            os.truncate(checkpoint, checkpoint.stat().st_size // 2)
        done = pipeline.run_stage("train_rnn", *SETTINGS, "-o", self.folder, self.session)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("not a whole HDF5 file", done.stderr)
        self.assertIn("starts over", done.stderr)
        self.assertNotIn("goes on", done.stderr)


if __name__ == "__main__":
    pipeline.main()
