"""The Nextflow workflow: what it runs again and what not, interruptions, errors, stubs, and its jobs on a small Slurm."""
import os
import re
import signal
from collections import Counter

import dataset
import pipeline
import workflow_dataset
import workflow_tools
from pipeline import STAGES

WORKFLOW = pipeline.SOURCE / "workflows" / "nextflow"


def jobs_run(said):
    """How often Nextflow says that it runs each process, attempts counted one by one."""
    return Counter(name.lower() for name in re.findall(r"(?:S|Re-s)ubmitted process > (\w+)", said))


class NextflowTest(workflow_dataset.EngineTest):
    engine = "nextflow"

    def words(self, *arguments, profile="local,test", out="results"):
        return [self.program, "run", WORKFLOW, "-ansi-log", "false", "-profile", profile, "--manifest", "sessions.tsv",
                "--settings", "settings.toml", "--out", out, *arguments]


class WhatIsRun(NextflowTest):
    def test_again_after_changes(self):
        settings = self.folder / "settings.toml"
        with self.subTest("all stages of all sessions"):
            said = self.run_engine()
            self.assertEqual(jobs_run(said), self.jobs_of_all(*STAGES))
            self.assertEqual(self.digests(), self.dataset.digests)
            self.check_table()
            for name in self.names:
                self.assertEqual(sorted(path.stem for path in (self.folder / f"results/{name}/reports").iterdir()),
                                 sorted(STAGES))
            self.assertTrue((self.folder / "results/nextflow/report.html").exists())
        with self.subTest("nothing where nothing changed, or only comments"):
            settings.write_text("# A comment.\n" + settings.read_text())
            self.assertEqual(jobs_run(self.run_engine("-resume")), Counter())
        with self.subTest("after a change of one session's own settings what depends on them"):
            self.give_first_session("model.layers", 1)
            expected = Counter(["train_rnn", "infer_write", "plot_rates", "report"])
            self.assertEqual(jobs_run(self.run_engine("-resume")), expected)
            self.take_settings_of_sessions_back()
        with self.subTest("after a change of model.hidden_size what depends on it; a touched recording is looked at"):
            settings.write_text(dataset.settings({"model.hidden_size": "6"}))
            for path in (self.dataset.folder / "sessions" / self.names[0]).iterdir():
                path.touch()
            expected = self.jobs_of_all("train_rnn", "infer_write", "plot_rates") + Counter(["extract_bins"])
            self.assertEqual(jobs_run(self.run_engine("-resume")), expected)


class Names(NextflowTest):
    def test_are_those_of_the_programs_and_nothing_that_a_shell_carries_out(self):
        digests = self.give_odd_names(*workflow_dataset.ODD_NAMES, "a{b}[c]* <d>")
        self.run_engine(out="results [1] of it's")
        (self.folder / "results [1] of it's").rename(self.folder / "results")
        self.check_odd_names(digests)


class Interrupted(NextflowTest):
    def test_signalled_and_killed_runs_end_with_the_digests_of_an_undisturbed_one(self):
        expected = self.keep_one_long_training()
        log = self.folder / "killed.log"
        process = self.start_engine(log)
        models = self.folder / "results" / self.names[0] / "models"

        def training_that_saved_after(moment):
            """The id of the running training, halted, once it has saved a checkpoint after that moment."""
            def found():
                return any(time_ns > moment for time_ns in pipeline.modified_ns(models, "*.ckpt.h5").values())
            workflow_tools.wait_until(found, "checkpoint", process)
            [training] = workflow_tools.stages_below(process, "train_rnn")
            os.kill(training, signal.SIGSTOP)
            return training

        training = training_that_saved_after(0)
        saved = max(pipeline.modified_ns(models, "*.ckpt.h5").values())
        os.kill(training, signal.SIGUSR1)
        os.kill(training, signal.SIGCONT)
        workflow_tools.wait_until(lambda: "terminated with an error exit status (75)" in log.read_text(), "75", process)
        workflow_tools.wait_until(lambda: workflow_tools.stages_below(process, "train_rnn"), "second attempt", process)
        training_that_saved_after(saved)
        workflow_tools.kill_session(process)

        said = self.run_engine("-resume")
        self.assertEqual(jobs_run(said), Counter(["train_rnn", "infer_write", "plot_rates", "report"]))
        self.assertIn("goes on after step", "".join(path.read_text() for path in self.folder.glob("work/*/*/.command.err")))
        self.assertEqual(self.digests(), expected)


class Errors(NextflowTest):
    def test_bad_input_is_tried_once_and_stops_nothing_else(self):
        self.add_bad_session()
        said = self.run_engine(code=1)
        self.assertEqual(jobs_run(said)["extract_bins"], len(self.names) + 1)
        self.assertIn("terminated with an error exit status (4)", said)
        self.assertEqual(self.digests(), self.dataset.digests)
        self.assertFalse((self.folder / "results/report.tsv").exists())

    def test_mistakes_in_parameters_manifest_and_settings_are_named_before_anything_runs(self):
        manifest = self.folder / "sessions.tsv"
        kept = manifest.read_text()
        manifest.write_text(f"sessions/{self.names[0]}\ta/b\n")
        self.assertEqual(self.run_engine(code=4).count("'a/b'"), 1)
        manifest.write_text(kept)
        (self.folder / "settings.toml").write_text("no_such_key = 1\n")
        self.assertEqual(self.run_engine(code=3).count("no_such_key"), 1)
        self.assertIn("unknown parameter --nonsense", self.run_engine("--nonsense", 1, code=1))


class Stub(NextflowTest):
    def test_the_chain_runs_without_the_programs_work(self):
        said = self.run_engine("-stub-run")
        self.assertEqual(jobs_run(said), self.jobs_of_all(*STAGES))
        self.assertEqual(self.digests(), {})


class Slurm(NextflowTest):
    def test_the_whole_workflow_as_slurm_jobs(self):
        cluster, environment = self.start_cluster()
        said = self.run_engine(profile="slurm,test", environment=environment)
        self.assertEqual(jobs_run(said)["train_rnn"], len(self.names))
        # Nextflow goes by what its jobs wrote, and may be through before Slurm has done with the last of them.
        states = [words["JobState"] for job in cluster.jobs() for words in cluster.wait_for(job).values()]
        self.assertEqual(states, ["COMPLETED"] * (len(self.names) * len(STAGES)))
        self.assertEqual(self.digests(), self.dataset.digests)


if __name__ == "__main__":
    pipeline.main()
