"""SIGTERM while infer_write or plot_rates is at work on a session: exit code 75, nothing half-written, and the same
command goes on to the end that an undisturbed run has."""
import contextlib
import os
import shutil
import signal
import subprocess

import h5py

import mpi_run
import pipeline
import processes
import small_session
from pipeline import digests, statuses

#: The default recipe, whose methods infer_write fits one after the other.
SETTINGS = ["--set", "time_lims_ms=[0, 1000]", "--set", "stim_ms=300", "--set", "train.steps=20", "--threads", "1"]


def after(work_s):
    return lambda process: processes.wait_until_worked(process, work_s)


class StopWithinSession(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        spikes = small_session.draw_spikes(trials=(20, 20), units=15)
        self.session = small_session.write(self.folder / "session", spikes, info=False, descriptor=False)
        self.out = self.session / "rnn_output"
        for stage in pipeline.STAGES[:3]:
            self.run_ok(stage, self.session, *SETTINGS)

    def stop(self, stage, *flags, when, may_be_through=False):
        """Starts a stage, stops it once `when(process)` returns; returns what it said, "" if it was through by then."""
        process = subprocess.Popen([pipeline.BIN / stage, self.session, *SETTINGS, *flags], stderr=subprocess.PIPE,
                                   text=True)
        processes.wait_until_catching(process, signal.SIGTERM)
        when(process)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
        if may_be_through and process.returncode == 0:
            return ""
        self.assertEqual(process.returncode, 75, said)
        self.assertIn("stopped by SIGTERM", said)
        self.assertFalse(list(self.session.rglob(".*")), "leftovers")
        return said

    def stop_infer_write(self, *flags, work_s, undo):
        """Stops it after this much work; where it was through by then, does `undo` and tries again after half of it."""
        while not self.stop("infer_write", *flags, when=after(work_s), may_be_through=True):
            undo()
            work_s /= 2
            self.assertGreater(work_s, 0.001, "infer_write is never stopped")

    def checkpoints(self):
        return sorted(self.out.glob("rates_*.ckpt.h5"))

    def work_done(self):
        """Parts predicted and iterations of each fit that the checkpoints hold."""
        done = {}
        for path in self.checkpoints():
            with h5py.File(path) as file:
                self.assertEqual(file.attrs["complete"], 1)
                file.visititems(lambda name, item: done.update({(path.name, name): int(item[()])})
                                if name.endswith(("/parts", "/iterations")) else None)
        return done

    def test_infer_write_repeats_nothing(self):
        for flags in ([], ["--baselines"]):
            with self.subTest(flags):
                work_s = processes.run_timed([pipeline.BIN / "infer_write", self.session, *SETTINGS, *flags]) / 3
                expected = digests(self.run_ok("infer_write", self.session, *SETTINGS, *flags))
                (self.out / "rates.h5").unlink()
                self.stop_infer_write(*flags, work_s=work_s, undo=(self.out / "rates.h5").unlink)
                earlier, stops = self.work_done(), 1
                while self.stop("infer_write", *flags, when=after(work_s), may_be_through=True):
                    self.assertFalse((self.out / "rates.h5").exists())
                    done = self.work_done()
                    for what in earlier:
                        self.assertGreaterEqual(done[what], earlier[what], what)
                    # Starting and the longest single piece of work fit in at last.
                    earlier, stops, work_s = done, stops + 1, work_s * 1.1
                    self.assertLess(stops, 100, "no run gets to the end")
                self.assertGreater(sum(earlier.values()), 0, f"stopped {stops} times")
                self.assertEqual(digests(self.run_ok("infer_write", self.session, *SETTINGS, *flags)), expected)
                self.assertEqual(self.checkpoints(), [])
                (self.out / "rates.h5").unlink()

    def stopped_with_checkpoint(self):
        """Stops infer_write after some of its work; returns the checkpoint."""
        work_s = 0.05
        while not any(count for (_, what), count in self.work_done().items() if what.endswith("parts")):
            stopped = self.stop("infer_write", when=after(work_s), may_be_through=True)
            (self.out / "rates.h5").unlink(missing_ok=True)
            work_s *= 1.2 if stopped else 0.5
            self.assertGreater(work_s, 0.001, "infer_write is never stopped")
        return self.checkpoints()[0]

    def test_a_checkpoint_of_infer_write_that_does_not_fit_is_not_used(self):
        expected = digests(self.run_ok("infer_write", self.session, *SETTINGS))
        (self.out / "rates.h5").unlink()
        for name, damage, flags, said in (
                ("cut short", small_session.truncate, [], "starts over"),
                ("a flipped bit", self.flip_a_value, [], "starts over"),
                ("other settings", lambda path: None, ["--set", "train.weights=last"], "made with other settings or inputs"),
                ("--force", lambda path: None, ["--force"], "")):
            with self.subTest(name):
                damage(self.stopped_with_checkpoint())
                done = pipeline.run_stage("infer_write", self.session, *SETTINGS, *flags)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(said, done.stderr)
                self.assertNotIn("continues from", done.stderr)
                self.assertEqual(self.checkpoints(), [])
                if "--set" not in flags:
                    self.assertEqual(digests(self.run_ok("infer_write", self.session, *SETTINGS)), expected)
                (self.out / "rates.h5").unlink()

    @staticmethod
    def flip_a_value(path):
        with h5py.File(path) as file:
            values = []
            file.visititems(lambda name, item: values.append(name) if getattr(item, "ndim", 0) == 3 else None)
        small_session.flip_bit_of(path, values[0])

    def prepare_two_fits(self):
        """Returns the flags that make two fits of the session, and the digests that infer_write gives for them."""
        flags = [*SETTINGS, "--set", "fits.separate_tastes=true"]
        for stage in ("reduce_pca", "train_rnn"):
            self.run_ok(stage, self.session, *flags)
        expected = digests(self.run_ok("infer_write", self.session, *flags))
        (self.out / "rates.h5").unlink()
        return flags, expected

    def stop_two_ranks(self, *flags, work_s, script=(), env=None):
        """Starts infer_write on two ranks through `script` and stops both once each did this much work; returns the exit
        code and what was said."""
        launcher = subprocess.Popen(
            [*mpi_run.on(2)["prefix"], *script, pipeline.BIN / "infer_write", self.session, *flags],
            stderr=subprocess.PIPE, text=True, env={**mpi_run.environment(), **(env or {})})
        ranks = processes.wait_until_ranks_catch(launcher, "infer_write", 2, signal.SIGTERM)
        processes.wait_until(launcher, lambda: all((processes.cpu_s(rank) or work_s) >= work_s for rank in ranks))
        for rank in ranks:
            with contextlib.suppress(ProcessLookupError):
                os.kill(rank, signal.SIGTERM)
        said = launcher.communicate(timeout=60)[1]
        return launcher.returncode, said

    def stop_two_ranks_with_checkpoints(self, *flags):
        work_s = 0.3
        while len(self.checkpoints()) < 2:
            code, said = self.stop_two_ranks(*flags, work_s=work_s)
            self.assertIn(code, (0, 75), said)
            (self.out / "rates.h5").unlink(missing_ok=True)
            work_s = work_s / 2 if code == 0 else work_s * 1.3

    def test_every_rank_keeps_what_it_has(self):
        """Two fits on two ranks."""
        flags, expected = self.prepare_two_fits()
        self.stop_two_ranks_with_checkpoints(*flags)
        done = pipeline.run_stage("infer_write", self.session, *flags, **mpi_run.on(2))
        self.assertIn("continues from", done.stderr)
        self.assertEqual(digests(self.run_ok("infer_write", self.session, *flags)), expected)
        self.assertEqual(self.checkpoints(), [])

    def test_a_checkpoint_that_another_rank_cannot_save_is_an_output_error(self):
        flags, expected = self.prepare_two_fits()
        self.stop_two_ranks_with_checkpoints(*flags)
        before = {path: path.read_bytes() for path in self.checkpoints()}
        limit = ["bash", "-c", 'if [ "${OMPI_COMM_WORLD_RANK:-$PMI_RANK}" = 1 ]; then trap "" XFSZ; ulimit -f 1; fi; '
                               'exec "$@"', "-"]
        last = self.checkpoints()[1]
        said, work_s = "", 0.1
        while str(last) not in said:
            code, said = self.stop_two_ranks(*flags, work_s=work_s, script=limit, env=mpi_run.WITHOUT_SHARED_FILES)
            # The first rank says of its own fit that it is saved, as long as that is how the job ends.
            if code == 5:
                self.assertNotIn("checkpoint saved", said)
            # 75: not at work yet; else through, or writing rates.h5, which the limit forbids too.
            work_s = work_s * 1.3 if code == 75 else work_s / 2
            (self.out / "rates.h5").unlink(missing_ok=True)
            for path, content in before.items():
                if not path.exists():
                    path.write_bytes(content)
        self.assertEqual(code, 5, said)
        self.assertEqual(last.read_bytes(), before[last])
        self.assertFalse(list(self.session.rglob(".*")), "leftovers")
        self.assertEqual(digests(self.run_ok("infer_write", self.session, *flags)), expected)

    def test_infer_write_of_many_units_stops_soon(self):
        """Of more units than samples nothing is decomposed, or kept, that has units by units entries."""
        units = 2000
        spikes = small_session.draw_spikes(trials=(4,), units=units)
        session = small_session.write(self.folder / "many", spikes, info=False, descriptor=False)
        flags = [*SETTINGS, "--set", "time_lims_ms=[0, 600]", "--set", "train.steps=1"]
        for stage in pipeline.STAGES[:3]:
            self.run_ok(stage, session, *flags)
        self.assertLess((session / "rnn_output/pca.h5").stat().st_size, units * units)
        for work_s in (0.2, 0.6, 1.0, 1.4):
            process = subprocess.Popen([pipeline.BIN / "infer_write", session, *flags], stderr=subprocess.PIPE, text=True)
            processes.wait_until_catching(process, signal.SIGTERM)
            processes.wait_until_worked(process, work_s)
            before = processes.cpu_s(process.pid)
            process.send_signal(signal.SIGTERM)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            said = process.stderr.read()
            process.stderr.close()
            self.assertIn(process.returncode, (0, 75), said)
            if before is not None:
                self.assertLess(used.ru_utime + used.ru_stime - before, 1, said)

    def test_infer_write_leaves_earlier_rates_as_they_are(self):
        self.run_ok("infer_write", self.session, *SETTINGS)
        before = (self.out / "rates.h5").read_bytes()
        self.stop_infer_write("--force", work_s=0.3, undo=lambda: (self.out / "rates.h5").write_bytes(before))
        self.assertEqual((self.out / "rates.h5").read_bytes(), before)

    def test_plot_rates_goes_on_with_the_next_picture(self):
        flags = ["--set", 'plots.select=["losses", "overview", "mean_rates", "mean_heat", "scores", "latents"]',
                 "--set", "plots.single_files=true"]
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

    def test_plot_rates_when_the_signal_goes_to_gnuplot_too(self):
        """As with Ctrl-C and mpirun, to all processes of a group; 55 pictures, a file each, follow one another."""
        flags = [*SETTINGS, "--set", "plots.single_files=true", "--set", 'plots.select=["units", "population"]']
        self.run_ok("infer_write", self.session, *SETTINGS)
        drawn = set()
        for which in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
            with self.subTest(which.name):
                shutil.rmtree(self.out / "plots", ignore_errors=True)
                process = subprocess.Popen([pipeline.BIN / "plot_rates", self.session, *flags], stderr=subprocess.PIPE,
                                           text=True, start_new_session=True)
                processes.wait_until_catching(process, signal.SIGTERM)
                self.wait_for_a_picture(process)
                os.killpg(process.pid, which)
                said = process.communicate(timeout=60)[1]
                self.assertEqual(process.returncode, 75, said)
                self.assertIn(f"stopped by {which.name}", said)
                self.assertFalse(list(self.session.rglob(".*")), "leftovers")
                drawn = {path: path.stat().st_mtime_ns for path in self.pictures()}
                self.assertTrue(drawn)
        self.run_ok("plot_rates", self.session, *flags)
        self.assertGreater(len(self.pictures()), len(drawn))
        self.assertEqual({path: path.stat().st_mtime_ns for path in drawn}, drawn)
        self.run_ok("plot_rates", "--verify", self.session)

    def test_a_gnuplot_that_hangs_is_ended(self):
        flags = [*SETTINGS, "--set", 'plots.select=["losses"]']
        self.run_ok("infer_write", self.session, *SETTINGS)
        programs, hangs = self.folder / "programs", self.folder / "hangs"
        programs.mkdir()
        hang = f"echo $$ > {hangs}; exec sleep 1000"
        # 0: all was drawn by then.
        for name, commands, code in (("in a picture", f"read command; {hang}", 75),
                                     ("stopped", f"echo $$ > {hangs}; kill -STOP $$", 75),
                                     ("at its end", f'{shutil.which("gnuplot")} "$@"; {hang}', 0)):
            with self.subTest(name):
                (programs / "gnuplot").write_text(f"#!/bin/sh\n{commands}\n")
                (programs / "gnuplot").chmod(0o755)
                hangs.write_text("")
                process = subprocess.Popen([pipeline.BIN / "plot_rates", self.session, *flags], stderr=subprocess.PIPE,
                                           text=True, env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"})
                self.addCleanup(process.kill)
                processes.wait_until(process, lambda: hangs.read_text().endswith("\n"))
                process.send_signal(signal.SIGTERM)
                said = process.communicate(timeout=10)[1]
                self.assertEqual(process.returncode, code, said)
                self.assertEqual("stopped by SIGTERM" in said, code == 75, said)
                self.assertFalse(os.path.exists(f"/proc/{hangs.read_text().strip()}"), "gnuplot lives on")
                self.assertFalse(list(self.session.rglob(".*")), "leftovers")
        self.run_ok("plot_rates", self.session, *flags)
        self.run_ok("plot_rates", "--verify", self.session)

    def pictures(self):
        return {path: path.read_bytes() for path in (self.out / "plots").rglob("[!.]*.png")}

    def wait_for_a_picture(self, process):
        processes.wait_until(process, lambda: list((self.out / "plots").rglob("[!.]*.png")))


if __name__ == "__main__":
    pipeline.main()
