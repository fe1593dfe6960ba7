"""train_rnn over a list of sessions on several ranks: the same models whatever the ranks, stops, kills and failures."""
import json
import os
import shutil
import signal
import subprocess
import time

import h5py
import numpy as np

import content_digest
import mpi_run
import pipeline
import processes
import small_session

#: Long enough to be stopped half way, short enough for a test.
LONG = small_session.flags(train__steps="30000", train__patience="0", train__validate_every="50") + [
    "--set", "checkpoint.every_s=0.1"]


def model_digests(out):
    """{session/fit: content digest} as the models themselves say it."""
    found = {}
    for path in sorted(out.glob("*/models/[!.]*.h5")):
        if ".ckpt." not in path.name:
            with h5py.File(path) as file:
                found[f"{path.parts[-3]}/{path.stem}"] = file.attrs["content_digest"].decode()
    return found


class ListOfSessions(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.manifest = self.folder / "sessions.tsv"
        self.out = self.folder / "out"
        for number, trials in enumerate([(8, 7), (16, 5), (6, 20)]):
            small_session.write(self.folder / f"s{number}", small_session.draw_spikes(trials, seed=number))
        self.manifest.write_text("path\ns0\ns1\ns2\n")

    def prepare(self, *flags):
        for stage in ("extract_bins", "reduce_pca"):
            self.run_ok(stage, "--manifest", self.manifest, "-o", self.out, *flags)

    def arguments(self, *flags):
        return ["--manifest", self.manifest, "-o", self.out, *flags]

    def start(self, ranks, *arguments):
        command = [*mpi_run.on(ranks)["prefix"], pipeline.BIN / "train_rnn", *map(str, self.arguments(*arguments))]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=mpi_run.environment())
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, what):
        deadline = time.monotonic() + 60
        while not what():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def wait_for_checkpoints(self, count):
        self.wait_for(lambda: len(list(self.out.glob("*/models/[!.]*.ckpt.h5"))) >= count)

    def expected(self, *flags):
        """Digests of the models that one rank makes undisturbed."""
        self.run_ok("train_rnn", *self.arguments(*flags))
        digests = model_digests(self.out)
        for models in self.out.glob("*/models"):
            shutil.rmtree(models)
        return digests


class Digests(ListOfSessions):
    def test_are_equal_on_any_number_of_ranks(self):
        found = {}
        for ranks in (1, 2, 3, 4):
            self.out = self.folder / f"out{ranks}"
            for stage in pipeline.STAGES[:4]:
                report = self.run_ok(stage, *self.arguments(*small_session.flags()), **mpi_run.on(ranks))
                self.assertEqual([s["session"] for s in report["sessions"]], ["s0", "s1", "s2"])
                for session in report["sessions"]:
                    for output in session["outputs"]:
                        self.assertEqual(output["status"], "computed")
                        name = output["path"].replace(str(self.out), "")
                        found.setdefault(name, set()).add(output["content_digest"])
            self.assertEqual(len(model_digests(self.out)), 6)
        self.assertEqual(len(found), 3 * 5)
        for name, digests in found.items():
            self.assertEqual(len(digests), 1, name)

    def test_a_second_run_on_other_ranks_does_nothing(self):
        self.prepare(*small_session.flags())
        for ranks, status in ((2, "computed"), (3, "up to date"), (1, "up to date")):
            report = self.run_ok("train_rnn", *self.arguments(*small_session.flags()), **mpi_run.on(ranks))
            self.assertEqual(set(pipeline.statuses(report).values()), {status})

    def test_every_rank_reports_what_it_did(self):
        self.prepare(*small_session.flags())
        report = self.run_ok("train_rnn", *self.arguments(*small_session.flags()), **mpi_run.on(3))
        self.assertEqual([rank["rank"] for rank in report["ranks"]], [0, 1, 2])
        self.assertEqual(sum(rank["tasks"] for rank in report["ranks"]), 6)


class Lists(ListOfSessions):
    def test_all_ranks_do_the_sessions_of_rank_0_though_they_find_others(self):
        """As when a list or a folder changes while the ranks start."""
        flags = [*small_session.flags(), "-o", self.out]
        self.prepare(*flags[:-2])
        sessions = [self.folder / f"s{number}" for number in range(3)]
        rank, program = ["-n", "1", pipeline.BIN / "train_rnn"], [*flags, "--json"]
        done = subprocess.run([mpi_run.LAUNCHER, *rank, *sessions, *program, ":", *rank, *sessions[:0:-1], *program],
                              capture_output=True, text=True, env=mpi_run.environment(), timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([s["session"] for s in json.loads(done.stdout)["sessions"]], ["s0", "s1", "s2"])
        self.assertEqual(len(model_digests(self.out)), 6)

    def test_settings_that_differ_between_ranks_are_refused(self):
        rank = ["-n", "1", pipeline.BIN / "extract_bins", self.folder / "s0"]
        done = subprocess.run([mpi_run.LAUNCHER, *rank, "--set", "seed=1", ":", *rank, "--set", "seed=2"],
                              capture_output=True, text=True, env=mpi_run.environment(), timeout=300)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("rank 1 read different settings from rank 0", done.stderr)


class Disturbed(ListOfSessions):
    def test_a_stop_is_told_although_a_session_failed(self):
        """So that the job is put in the queue again, for which 8 would not do."""
        self.prepare(*LONG)
        (self.out / "s1/pca.h5").unlink()
        process = self.start(2, *LONG, "--threads", "1", "--keep-going")
        self.wait_for_checkpoints(2)
        process.send_signal(signal.SIGUSR1)
        said = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 75, said)
        self.assertIn("s1/pca.h5: not there yet", said)
        self.assertIn("stopped by SIGUSR1", said)
        self.run_fails(8, ["s1/pca.h5: not there yet"], "train_rnn", *self.arguments(*LONG), "--keep-going")

    def test_usr1_saves_all_and_the_next_run_goes_on(self):
        self.prepare(*LONG)
        expected = self.expected(*LONG)
        process = self.start(2, *LONG, "--threads", "1")
        self.wait_for_checkpoints(2)
        process.send_signal(signal.SIGUSR1)
        said = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 75, said)
        self.assertIn("stopped by SIGUSR1", said)
        self.assertLess(len(model_digests(self.out)), 6)
        done = pipeline.run_stage("train_rnn", *self.arguments(*LONG), **mpi_run.on(3))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(model_digests(self.out), expected)
        self.assertFalse(list(self.out.glob("*/models/*.ckpt.h5")))

    def test_a_stop_of_one_rank_stops_the_job(self):
        self.prepare(*LONG)
        process = self.start(2, *LONG, "--threads", "1")
        self.wait_for_checkpoints(2)
        os.kill(processes.ranks(process, "train_rnn")[1], signal.SIGUSR1)
        said = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 75, said)

    def test_a_killed_rank_ends_the_job_and_loses_little(self):
        self.prepare(*LONG)
        expected = self.expected(*LONG)
        process = self.start(2, *LONG, "--threads", "1")
        self.wait_for(lambda: len(model_digests(self.out)) >= 2)
        self.wait_for_checkpoints(2)
        before = model_digests(self.out)
        os.kill(processes.ranks(process, "train_rnn")[1], signal.SIGKILL)
        process.communicate(timeout=60)
        self.assertIn(process.returncode, mpi_run.codes_of_a_killed_rank())
        self.assertTrue(list(self.out.glob("*/models/[!.]*.ckpt.h5")))
        self.run_fails(4, ["models/region_all_taste_", "Run train_rnn"], "infer_write", *self.arguments(*LONG))
        report = self.run_ok("train_rnn", *self.arguments(*LONG), **mpi_run.on(2))
        up_to_date = [o["path"] for s in report["sessions"] for o in s["outputs"] if o["status"] == "up to date"]
        self.assertGreaterEqual(len(up_to_date), len(before))
        self.assertEqual(model_digests(self.out), expected)

    def test_two_jobs_at_once_leave_whole_and_equal_models(self):
        self.prepare(*LONG)
        expected = self.expected(*LONG)
        jobs = [self.start(2, *LONG, "--threads", "1", "--wait") for _ in range(2)]
        for process in jobs:
            said = process.communicate(timeout=120)[1]
            self.assertEqual(process.returncode, 0, said)
        self.assertEqual(model_digests(self.out), expected)
        self.assertFalse(list(self.out.glob("*/.rnn_rates.lock*")))


class Failing(ListOfSessions):
    def setUp(self):
        super().setUp()
        self.prepare(*small_session.flags())
        # Infinite scores: the training of this fit diverges whatever the learning rate.
        pca = self.out / "s1/pca.h5"
        with h5py.File(pca, "a") as file:
            file["fits/region_all_taste_0/scores"][:] = np.inf
        content_digest.approve(pca)

    def run_it(self, *flags, ranks=2):
        return pipeline.run_stage("train_rnn", *self.arguments(*small_session.flags(), "--json", *flags),
                                  **mpi_run.on(ranks))

    def test_with_keep_going_the_others_are_trained_and_only_it_is_tried_again(self):
        done = self.run_it("--keep-going")
        self.assertEqual(done.returncode, 8, done.stderr)
        self.assertIn("s1 region_all_taste_0: training diverged", done.stderr)
        first, failed, last = json.loads(done.stdout)["sessions"]
        self.assertEqual((failed["exit_code"], len(failed["outputs"])), (6, 1))
        self.assertEqual([len(first["outputs"]), len(last["outputs"])], [2, 2])
        self.assertEqual(len(model_digests(self.out)), 5)
        again = self.run_it("--keep-going", ranks=3)
        self.assertEqual(again.returncode, 8, again.stderr)
        report = json.loads(again.stdout)
        self.assertEqual({o["status"] for s in report["sessions"] for o in s["outputs"]}, {"up to date"})
        self.assertEqual(report["sessions"][1]["exit_code"], 6)

    def test_without_it_all_ranks_end_with_its_code(self):
        done = self.run_it()
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertEqual(done.stderr.count("error:"), 1, done.stderr)

    def test_a_file_in_the_way_fails_one_fit(self):
        shutil.copy(self.out / "s2/bins.h5", self.out / "s2/models.h5")
        models = self.out / "s2/models"
        models.mkdir()
        (self.out / "s2/models.h5").rename(models / "region_all_taste_1.h5")
        done = self.run_it("--keep-going")
        self.assertEqual(done.returncode, 8, done.stderr)
        self.assertIn("is in the way", done.stderr)
        self.assertEqual(len([m for m in model_digests(self.out) if "s2" in m]), 2)
        last = json.loads(done.stdout)["sessions"][2]
        self.assertEqual([o["status"] for o in last["outputs"]], ["computed"])


class SaidOnce(ListOfSessions):
    def test_mistakes_on_the_command_line_and_in_settings(self):
        for code, words, arguments in [(2, "--nonsense", ["--nonsense"]), (3, "unknown key", ["--set", "model.nothing=1"]),
                                       (4, "nowhere.tsv", ["--manifest", "nowhere.tsv"]), (2, "no session", [])]:
            done = pipeline.run_stage("train_rnn", *arguments, **mpi_run.on(3))
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertEqual(done.stderr.count(words), 1, done.stderr)

    def test_help_and_settings(self):
        for flag, words in (("--help", "Exit codes"), ("--print-config", "hidden_size"), ("--version", "train_rnn")):
            done = pipeline.run_stage("train_rnn", flag, **mpi_run.on(2))
            self.assertEqual((done.returncode, done.stdout.count(words)), (0, 1), done.stdout)


class Dataset(ListOfSessions):
    def test_killed_half_way_and_continued_gives_the_models_of_one_rank(self):
        pipeline.make_sessions(self.folder, "dataset")
        self.manifest.write_text("".join(f"locust_day{day}\n" for day in range(1, 7)))
        flags = ["-c", pipeline.REFERENCE, "--set", "train.steps=6000", "--set", "train.patience=0", "--set",
                 "checkpoint.every_s=0"]
        self.prepare(*flags)
        expected = self.expected(*flags)
        self.assertEqual(len(expected), 13)
        process = self.start(2, *flags, "--threads", "1")
        self.wait_for(lambda: len(list(self.out.glob("*/models/*[0-9].h5"))) >= 3)
        self.wait_for_checkpoints(1)
        for pid in processes.ranks(process, "train_rnn"):
            os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=60)
        self.assertLess(len(model_digests(self.out)), 13)
        self.run_ok("train_rnn", *self.arguments(*flags), **mpi_run.on(2))
        self.assertEqual(model_digests(self.out), expected)


if __name__ == "__main__":
    pipeline.main()
