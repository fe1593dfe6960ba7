"""The Snakemake workflow: what it runs again and what not, kills, errors, and its jobs on a small Slurm."""
import json
import os
import re
import signal
from collections import Counter

import dataset
import pipeline
import workflow_dataset
import workflow_tools
from pipeline import STAGES

WORKFLOW = pipeline.SOURCE / "workflows" / "snakemake"


def jobs_run(said):
    """How often Snakemake says that it runs each rule."""
    return Counter(re.findall(r"^\s*(?:local)?rule (\w+):$", said, re.M))


class SnakemakeTest(workflow_dataset.EngineTest):
    engine = "snakemake"

    def setUp(self):
        super().setUp()
        self.configure()

    def configure(self, **changes):
        settings = {"manifest": "sessions.tsv", "settings": "settings.toml", "out": "results", **changes}
        (self.folder / "dataset.yaml").write_text("".join(f"{key}: {value}\n" for key, value in settings.items()))

    def words(self, *arguments, profile="local"):
        return [self.program, "-s", WORKFLOW / "Snakefile", "--profile", WORKFLOW / "profiles" / profile, "--configfile",
                "dataset.yaml", *arguments]

    def statuses(self, stage):
        """What the stage said that it did for each session."""
        reports = [json.loads((self.folder / f"results/{name}/reports/{stage}.json").read_text()) for name in self.names]
        return {output["status"] for report in reports for session in report["sessions"]
                for output in session["outputs"]}


class WhatIsRun(SnakemakeTest):
    def test_again_after_changes(self):
        every = self.jobs_of_all(*STAGES)
        with self.subTest("all stages of all sessions"):
            self.assertEqual(jobs_run(self.run_engine()), every)
            self.assertEqual(self.digests(), self.dataset.digests)
            self.check_table()
        with self.subTest("nothing where nothing changed, or only times and comments"):
            for name in self.names:
                for path in (self.dataset.folder / "sessions" / name).iterdir():
                    path.touch()
            settings = self.folder / "settings.toml"
            settings.write_text("# A comment.\n" + settings.read_text())
            self.assertEqual(jobs_run(self.run_engine("--dry-run")), Counter())
        with self.subTest("after a change of model.hidden_size what depends on it"):
            settings.write_text(dataset.settings({"model.hidden_size": "6"}))
            said = self.run_engine()
            self.assertEqual(jobs_run(said), self.jobs_of_all("train_rnn", "infer_write", "plot_rates"))
            self.assertEqual(self.statuses("train_rnn"), {"computed"})
        with self.subTest("after a change of one session's own settings what depends on them"):
            self.give_first_session("model.layers", 1)
            expected = Counter(["train_rnn", "infer_write", "plot_rates", "report"])
            self.assertEqual(jobs_run(self.run_engine("--dry-run")), expected)
            self.take_settings_of_sessions_back()
        with self.subTest("the stages decide by content where Snakemake runs more than is needed"):
            before = self.digests()
            self.assertEqual(jobs_run(self.run_engine("--forcerun", "extract_bins")), every)
            for stage in STAGES:
                self.assertEqual(self.statuses(stage), {"up to date"}, stage)
            self.assertEqual(self.digests(), before)


class Names(SnakemakeTest):
    def test_are_those_of_the_programs_and_nothing_that_a_shell_carries_out(self):
        self.configure(out="results of it's")
        digests = self.give_odd_names(*workflow_dataset.ODD_NAMES)
        self.run_engine()
        (self.folder / "results of it's").rename(self.folder / "results")
        self.check_odd_names(digests)

    def test_that_snakemake_cannot_handle_are_refused(self):
        for name in ("a{b}", "a <b>"):
            (self.folder / "sessions.tsv").write_text(f"sessions/{self.names[0]}\t{name}\n")
            said = self.run_engine("--dry-run", code=1)
            self.assertIn(f"'{name}'", said)
            self.assertIn("Choose another id", said)


class Interrupted(SnakemakeTest):
    def halt_training(self, log):
        """Starts the workflow and waits for a checkpoint; returns it and the ids of its trainings, halted."""
        process = self.start_engine(log)
        models = self.folder / "results" / self.names[0] / "models"
        old = pipeline.modified_ns(models, "*.ckpt.h5")
        workflow_tools.wait_until(lambda: pipeline.modified_ns(models, "*.ckpt.h5").items() - old.items(), "checkpoint",
                                  process)
        trainings = workflow_tools.stages_below(process, "train_rnn")
        for training in trainings:
            os.kill(training, signal.SIGSTOP)
        return process, trainings

    def test_killed_and_signalled_runs_end_with_the_digests_of_an_undisturbed_one(self):
        expected = self.keep_one_long_training()
        process, _ = self.halt_training(self.folder / "killed.log")
        workflow_tools.kill_session(process)
        self.run_engine("--unlock")

        process, [training] = self.halt_training(self.folder / "signalled.log")
        os.kill(training, signal.SIGUSR1)
        os.kill(training, signal.SIGCONT)
        code = process.wait(120)
        said = (self.folder / "signalled.log").read_text()
        self.assertEqual(code, 0, said)
        self.assertEqual(jobs_run(said)["train_rnn"], 2, said)
        # Snakemake shows the log of the attempt that was stopped and keeps that of the one that ended well.
        last = (self.folder / f"results/{self.names[0]}/reports/train_rnn.log").read_text()
        for log in (said, last):
            self.assertIn("goes on after step", log)
        self.assertIn("stopped by SIGUSR1", said)
        self.assertEqual(self.digests(), expected)


class Errors(SnakemakeTest):
    def test_bad_input_is_tried_once_and_stops_nothing_else(self):
        self.add_bad_session()
        said = self.run_engine(code=1)
        log = (self.folder / "results/bad/reports/extract_bins.log").read_text()
        self.assertEqual(log.count("leaves the spike array"), 1, log)
        self.assertIn("would fail with exit code 4 again: not tried", log)
        self.assertIn("leaves the spike array", said)
        self.assertEqual(self.digests(), self.dataset.digests)
        self.assertFalse((self.folder / "results/report.tsv").exists())

    def test_mistakes_in_configuration_manifest_and_settings_are_named_before_anything_runs(self):
        cases = {"'nonsense' was unexpected": (1, {"nonsense": 1}), "'out' is a required property": (1, {"out": None}),
                 "no_such_key": (3, {"settings": "wrong.toml"}), "'a/b'": (4, {"manifest": "wrong.tsv"})}
        (self.folder / "wrong.toml").write_text("no_such_key = 1\n")
        (self.folder / "wrong.tsv").write_text(f"sessions/{self.names[0]}\ta/b\n")
        for words, (code, changes) in cases.items():
            with self.subTest(words):
                self.configure(**changes)
                if changes.get("out", "") is None:
                    text = (self.folder / "dataset.yaml").read_text()
                    (self.folder / "dataset.yaml").write_text(text.replace("out: None\n", ""))
                said = self.run_engine("--dry-run", code=code)
                self.assertEqual(said.count(words), 1, said)
                self.assertNotIn("Traceback", said)
                self.assertEqual(jobs_run(said), Counter())


class Slurm(SnakemakeTest):
    def test_odd_names_are_carried_out_by_no_shell(self):
        _, environment = self.start_cluster()
        options = {"profile": "slurm", "environment": environment}
        words = ["--seconds-between-status-checks", 1, "--latency-wait", 10, "--set-threads", "train_rnn=1"]
        safe, unsafe, _ = workflow_dataset.ODD_NAMES
        digests = self.give_odd_names(safe)
        self.run_engine(*words, **options)
        self.check_odd_names(digests)
        (self.folder / "sessions.tsv").write_text(f"small\t{unsafe}\n")
        said = self.run_engine(*words, code=1, **options)
        self.assertIn("Choose another id", said)
        self.check_odd_names(digests)

    def test_the_whole_workflow_as_slurm_jobs(self):
        cluster, environment = self.start_cluster()
        self.add_bad_session()
        said = self.run_engine("--seconds-between-status-checks", 1, "--latency-wait", 10, "--set-threads",
                              "train_rnn=1", "--retries", 1, profile="slurm", environment=environment, code=1)
        self.assertIn("leaves the spike array", said)
        # A session has three jobs, as the short stages share one; the bad one has one, and one that does not try.
        states = Counter(job["JobState"] for job in cluster.jobs().values())
        self.assertEqual(states, Counter({"COMPLETED": 3 * len(self.names), "FAILED": 2}), said)
        self.assertEqual(self.digests(), self.dataset.digests)


if __name__ == "__main__":
    pipeline.main()
