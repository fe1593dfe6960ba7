"""The Nextflow workflow: what it runs again and what not, interruptions, errors, stubs, and its jobs on a small Slurm."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
from collections import Counter
from pathlib import Path

import dataset
import pipeline
import small_session
import workflow_tools
from pipeline import STAGES
from slurm_cluster import SlurmCluster

WORKFLOW = pipeline.SOURCE / "workflows" / "nextflow"


def setUpModule():
    global program, sessions, names
    program = workflow_tools.need("nextflow")
    sessions = Path(tempfile.mkdtemp(prefix="rnn_rates_test."))
    unittest.addModuleCleanup(shutil.rmtree, sessions, ignore_errors=True)
    names = dataset.make(sessions, count=2)
    dataset.run_all(sessions, sessions / "undisturbed")


def jobs_run(said):
    """How often Nextflow says that it runs each process, attempts counted one by one."""
    return Counter(name.lower() for name in re.findall(r"(?:S|Re-s)ubmitted process > (\w+)", said))


class NextflowTest(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        for name in ("sessions.tsv", "settings.toml"):
            shutil.copy(sessions / name, self.folder)
        (self.folder / "sessions").symlink_to(sessions / "sessions")

    def words(self, *arguments, profile="local,test", out="results"):
        return [program, "run", WORKFLOW, "-ansi-log", "false", "-profile", profile, "--manifest", "sessions.tsv",
                "--settings", "settings.toml", "--out", out, *arguments]

    def nextflow(self, *arguments, code=0, environment=workflow_tools.ENVIRONMENT, **options):
        """Runs the workflow; returns what it says."""
        done = subprocess.run(list(map(str, self.words(*arguments, **options))), cwd=self.folder, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, code, said)
        return said

    def digests(self):
        return dataset.digests_below(self.folder / "results")


class WhatIsRun(NextflowTest):
    def test_again_after_changes(self):
        settings = self.folder / "settings.toml"
        with self.subTest("all stages of all sessions"):
            said = self.nextflow()
            self.assertEqual(jobs_run(said), Counter({stage: len(names) for stage in STAGES} | {"report": 1}))
            self.assertEqual(self.digests(), dataset.digests_below(sessions / "undisturbed"))
            table = [line.split("\t") for line in (self.folder / "results/report.tsv").read_text().splitlines()]
            self.assertEqual({(row[0], row[-1]) for row in table[1:]},
                             {(name, self.digests()[f"{name}/rates.h5"].decode()) for name in names})
            for name in names:
                self.assertEqual(sorted(path.stem for path in (self.folder / f"results/{name}/reports").iterdir()),
                                 sorted(STAGES))
            self.assertTrue((self.folder / "results/nextflow/report.html").exists())
        with self.subTest("nothing where nothing changed, or only comments"):
            settings.write_text("# A comment.\n" + settings.read_text())
            self.assertEqual(jobs_run(self.nextflow("-resume")), Counter())
        with self.subTest("after a change of one session's own settings what depends on them"):
            manifest = self.folder / "sessions.tsv"
            rows = manifest.read_text().splitlines()
            rows[0] += "\tmodel.layers"
            rows[1] += "\t1"
            manifest.write_text("\n".join(rows) + "\n")
            expected = Counter(["train_rnn", "infer_write", "plot_rates", "report"])
            self.assertEqual(jobs_run(self.nextflow("-resume")), expected)
            shutil.copy(sessions / "sessions.tsv", manifest)
        with self.subTest("after a change of model.hidden_size what depends on it; a touched recording is looked at"):
            settings.write_text(dataset.settings({"model.hidden_size": "6"}))
            for path in (sessions / "sessions" / names[0]).iterdir():
                path.touch()
            expected = {stage: len(names) for stage in ("train_rnn", "infer_write", "plot_rates")} | {"report": 1}
            self.assertEqual(jobs_run(self.nextflow("-resume")), Counter(expected | {"extract_bins": 1}))


class Interrupted(NextflowTest):
    def test_signalled_and_killed_runs_end_with_the_digests_of_an_undisturbed_one(self):
        (self.folder / "sessions.tsv").write_text(f"sessions/{names[0]}\n")
        (self.folder / "settings.toml").write_text(dataset.settings(dataset.LONG))
        dataset.run_all(self.folder, self.folder / "undisturbed")
        log = self.folder / "killed.log"
        process = workflow_tools.start(self.words(), self.folder, log, workflow_tools.ENVIRONMENT)
        self.addCleanup(workflow_tools.kill_session, process)
        models = self.folder / "results" / names[0] / "models"

        def training_that_saved_after(moment):
            """The id of the running training, halted, once it has saved a checkpoint after that moment."""
            def found():
                return any(path.stat().st_mtime_ns > moment for path in models.glob("*.ckpt.h5"))
            workflow_tools.wait_until(found, "checkpoint", process)
            [training] = workflow_tools.stages_below(process, "train_rnn")
            os.kill(training, signal.SIGSTOP)
            return training

        training = training_that_saved_after(0)
        saved = max(path.stat().st_mtime_ns for path in models.glob("*.ckpt.h5"))
        os.kill(training, signal.SIGUSR1)
        os.kill(training, signal.SIGCONT)
        workflow_tools.wait_until(lambda: "terminated with an error exit status (75)" in log.read_text(), "75", process)
        workflow_tools.wait_until(lambda: workflow_tools.stages_below(process, "train_rnn"), "second attempt", process)
        training_that_saved_after(saved)
        workflow_tools.kill_session(process)

        said = self.nextflow("-resume")
        self.assertEqual(jobs_run(said), Counter(["train_rnn", "infer_write", "plot_rates", "report"]))
        self.assertIn("goes on after step", "".join(path.read_text() for path in self.folder.glob("work/*/*/.command.err")))
        self.assertEqual(self.digests(), dataset.digests_below(self.folder / "undisturbed"))


class Errors(NextflowTest):
    def test_bad_input_is_tried_once_and_stops_nothing_else(self):
        small_session.write(self.folder / "bad")  # A second a trial, less than the settings' window.
        with open(self.folder / "sessions.tsv", "a") as manifest:
            manifest.write("bad\n")
        said = self.nextflow(code=1)
        self.assertEqual(jobs_run(said)["extract_bins"], len(names) + 1)
        self.assertIn("terminated with an error exit status (4)", said)
        self.assertEqual(self.digests(), dataset.digests_below(sessions / "undisturbed"))
        self.assertFalse((self.folder / "results/report.tsv").exists())

    def test_mistakes_in_parameters_and_settings_are_named_before_anything_runs(self):
        (self.folder / "settings.toml").write_text("no_such_key = 1\n")
        self.assertIn("no_such_key", self.nextflow(code=1))
        self.assertIn("unknown parameter --nonsense", self.nextflow("--nonsense", 1, code=1))


class Stub(NextflowTest):
    def test_the_chain_runs_without_the_programs_work(self):
        said = self.nextflow("-stub-run")
        self.assertEqual(jobs_run(said), Counter({stage: len(names) for stage in STAGES} | {"report": 1}))
        self.assertEqual(self.digests(), {})


class Slurm(NextflowTest):
    def test_the_whole_workflow_as_slurm_jobs(self):
        cluster = self.enterContext(SlurmCluster(self.folder / "slurm"))
        environment = {**cluster.environment, "PATH": f"{pipeline.BIN}:{cluster.environment['PATH']}"}
        said = self.nextflow(profile="slurm,test", environment=environment)
        self.assertEqual(jobs_run(said)["train_rnn"], len(names))
        jobs = cluster.jobs().values()
        self.assertEqual([job["JobState"] for job in jobs], ["COMPLETED"] * (len(names) * len(STAGES)))
        self.assertEqual(self.digests(), dataset.digests_below(sessions / "undisturbed"))


if __name__ == "__main__":
    pipeline.main()
