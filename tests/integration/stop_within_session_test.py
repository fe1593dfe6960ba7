"""SIGTERM while infer_write or plot_rates is at work on a session: exit code 75, nothing half-written, and the same
command ends as if undisturbed."""
import shutil
import signal
import subprocess
import time

import pipeline
import processes
import small_session
from pipeline import digests, statuses

#: The default recipe, whose methods infer_write fits one after the other.
SETTINGS = ["--set", "time_lims_ms=[0, 1000]", "--set", "stim_ms=300", "--set", "train.steps=20", "--threads", "1"]


class StopWithinSession(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        spikes = small_session.draw_spikes(trials=(20, 20), units=15)
        self.session = small_session.write(self.folder / "session", spikes, info=False, descriptor=False)
        self.out = self.session / "rnn_output"
        for stage in pipeline.STAGES[:3]:
            self.run_ok(stage, self.session, *SETTINGS)

    def stop(self, stage, *flags, when, may_be_through=False):
        """Starts a stage and stops it once `when` returns; returns what it said, "" if it was through by then."""
        process = subprocess.Popen([pipeline.BIN / stage, self.session, *SETTINGS, *flags], stderr=subprocess.PIPE,
                                   text=True)
        processes.wait_until_catching(process, signal.SIGTERM)
        when()
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
        if may_be_through and process.returncode == 0:
            return ""
        self.assertEqual(process.returncode, 75, said)
        self.assertIn("stopped by SIGTERM", said)
        self.assertFalse(list(self.session.rglob(".*")), "leftovers")
        return said

    def stop_infer_write(self, *flags, delay_s, undo):
        """Stops it after this time; where it was through by then, does `undo` and tries again after half of it."""
        while not self.stop("infer_write", *flags, when=lambda: time.sleep(delay_s), may_be_through=True):
            undo()
            delay_s /= 2
            self.assertGreater(delay_s, 0.001, "infer_write is never stopped")

    def test_infer_write(self):
        for flags in ([], ["--baselines"]):
            with self.subTest(flags):
                start = time.monotonic()
                expected = digests(self.run_ok("infer_write", self.session, *SETTINGS, *flags))
                duration = time.monotonic() - start
                (self.out / "rates.h5").unlink()
                for share in (0.1, 0.3, 0.5, 0.7):
                    self.stop_infer_write(*flags, delay_s=share * duration, undo=(self.out / "rates.h5").unlink)
                    self.assertFalse((self.out / "rates.h5").exists())
                found = digests(self.run_ok("infer_write", self.session, *SETTINGS, *flags))
                self.assertEqual(found, expected)

    def test_infer_write_leaves_earlier_rates_as_they_are(self):
        self.run_ok("infer_write", self.session, *SETTINGS)
        before = (self.out / "rates.h5").read_bytes()
        self.stop_infer_write("--force", delay_s=0.3, undo=lambda: (self.out / "rates.h5").write_bytes(before))
        self.assertEqual((self.out / "rates.h5").read_bytes(), before)

    def test_plot_rates_goes_on_with_the_next_picture(self):
        flags = ["--set", 'plots.select=["losses", "overview", "mean_rates", "mean_heat", "scores", "latents"]']
        self.run_ok("infer_write", self.session, *SETTINGS)
        self.run_ok("plot_rates", self.session, *SETTINGS, *flags)
        expected = self.pictures()
        shutil.rmtree(self.out / "plots")
        self.stop("plot_rates", *flags, when=self.wait_for_a_picture)
        self.run_fails(4, ["not all pictures are drawn", "Run plot_rates again"], "plot_rates", "--verify", self.session)
        drawn = {path: path.stat().st_mtime_ns for path in self.pictures()}
        self.assertTrue(0 < len(drawn) < len(expected), drawn)
        report = self.run_ok("plot_rates", self.session, *SETTINGS, *flags)
        self.assertEqual(set(statuses(report).values()), {"computed"})
        self.assertEqual(self.pictures(), expected)
        self.assertEqual({path: path.stat().st_mtime_ns for path in drawn}, drawn)
        self.run_ok("plot_rates", "--verify", self.session)
        report = self.run_ok("plot_rates", self.session, *SETTINGS, *flags)
        self.assertEqual(set(statuses(report).values()), {"up to date"})

    def pictures(self):
        return {path: path.read_bytes() for path in (self.out / "plots").rglob("[!.]*.png")}

    def wait_for_a_picture(self):
        while not list((self.out / "plots").rglob("[!.]*.png")):
            time.sleep(0.001)


if __name__ == "__main__":
    pipeline.main()
