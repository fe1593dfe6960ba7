"""What the tests of workflows share: a dataset with the results of an undisturbed run, and running an engine over it."""
import dataclasses
import functools
import shutil
import subprocess
import tempfile
import unittest
from collections import Counter
from pathlib import Path

import dataset
import pipeline
import small_session
import workflow_tools
from slurm_cluster import SlurmCluster


@dataclasses.dataclass
class Undisturbed:
    folder: Path
    names: list  # of the sessions
    digests: dict  # as dataset.digests_below gives them

    def give(self, folder):
        """Copies sessions.tsv and settings.toml into `folder`, where sessions/ is a link."""
        for name in ("sessions.tsv", "settings.toml"):
            shutil.copy(self.folder / name, folder)
        (Path(folder) / "sessions").symlink_to(self.folder / "sessions")


@functools.cache
def undisturbed(count):
    """A dataset of `count` sessions in a folder of its own, made once a test file."""
    folder = Path(tempfile.mkdtemp(prefix="rnn_rates_test."))
    unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
    names = dataset.make(folder, count)
    dataset.run_all(folder, folder / "undisturbed")
    return Undisturbed(folder, names, dataset.digests_below(folder / "undisturbed"))


#: Ids that a shell would carry out or take apart, or a template fill in.
ODD_NAMES = ["it's one; touch CARRIED_OUT # b", '$(touch CARRIED_OUT) "$HOME" `touch CARRIED_OUT`', "séance %j 日本, & b"]


class EngineTest(pipeline.PipelineTest):
    """A test of a workflow engine, in a folder with a dataset of two sessions. Each engine's class says `words()`."""

    engine = ""

    def setUp(self):
        super().setUp()
        self.program = workflow_tools.need(self.engine)
        self.dataset = undisturbed(2)
        self.names = self.dataset.names
        self.dataset.give(self.folder)

    def words(self, *arguments, profile):
        """The command that runs the workflow."""
        raise NotImplementedError

    def run_engine(self, *arguments, code=0, environment=workflow_tools.ENVIRONMENT, **options):
        """Runs the workflow, which must end with `code`; returns what it says."""
        done = subprocess.run(list(map(str, self.words(*arguments, **options))), cwd=self.folder, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, code, said)
        return said

    def start_engine(self, log):
        """Starts the workflow in the background; it is killed with the test."""
        process = workflow_tools.start(self.words(), self.folder, log, workflow_tools.ENVIRONMENT)
        self.addCleanup(workflow_tools.kill_session, process)
        return process

    def start_cluster(self):
        """A small Slurm for this test, and the environment of a process that submits to it."""
        cluster = self.enterContext(SlurmCluster(self.folder / "slurm"))
        return cluster, {**cluster.environment, "PATH": f"{pipeline.BIN}:{cluster.environment['PATH']}"}

    def keep_one_long_training(self):
        """Leaves one session, which trains for seconds; returns the digests of an undisturbed run."""
        (self.folder / "sessions.tsv").write_text(f"sessions/{self.names[0]}\n")
        (self.folder / "settings.toml").write_text(dataset.settings(dataset.LONG))
        dataset.run_all(self.folder, self.folder / "undisturbed")
        return dataset.digests_below(self.folder / "undisturbed")

    def add_bad_session(self):
        """A session with a second a trial, less than the settings' window."""
        small_session.write(self.folder / "bad")
        with open(self.folder / "sessions.tsv", "a") as manifest:
            manifest.write("bad\n")

    def give_odd_names(self, *names):
        """Leaves small sessions of these ids, and an .nwb without one. Returns the digests of an undisturbed run."""
        small_session.write(self.folder / "small")
        small_session.write_nwb(self.folder / "it's a session.nwb")
        rows = "".join(f"small\t{name}\n" for name in names) + "it's a session.nwb\n"
        (self.folder / "sessions.tsv").write_text("\ufeff" + rows, encoding="utf-8")
        (self.folder / "settings.toml").write_text(dataset.settings(small_session.SETTINGS))
        dataset.run_all(self.folder, self.folder / "undisturbed")
        digests = dataset.digests_below(self.folder / "undisturbed")
        self.assertEqual({path.split("/")[0] for path in digests}, {*names, "it's a session"})
        return digests

    def check_odd_names(self, digests):
        """Results have the programs' names for the sessions, and no name was carried out."""
        self.assertEqual(self.digests(), digests)
        self.assertEqual(list(self.folder.rglob("CARRIED_OUT*")), [])

    def give_first_session(self, key, value):
        """Gives the first session a setting of its own in the manifest."""
        manifest = self.folder / "sessions.tsv"
        rows = manifest.read_text().splitlines()
        rows[0] += f"\t{key}"
        rows[1] += f"\t{value}"
        manifest.write_text("\n".join(rows) + "\n")

    def take_settings_of_sessions_back(self):
        shutil.copy(self.dataset.folder / "sessions.tsv", self.folder)

    def jobs_of_all(self, *stages):
        """How often each of these stages runs where it does for every session, and the report once."""
        return Counter({stage: len(self.names) for stage in stages} | {"report": 1})

    def digests(self):
        return dataset.digests_below(self.folder / "results")

    def check_table(self):
        """report.tsv has a row a session and fit, and the digests of the sessions' rates."""
        table = [line.split("\t") for line in (self.folder / "results/report.tsv").read_text().splitlines()]
        self.assertEqual(table[0][:3] + table[0][-1:], ["session", "fit", "verdict", "rates"])
        self.assertLessEqual({row[2] for row in table[1:]}, {"good", "use with care", "do not use"})
        self.assertEqual({(row[0], row[-1]) for row in table[1:]},
                         {(name, self.digests()[f"{name}/rates.h5"].decode()) for name in self.names})
