"""The job scripts of slurm/ on a real small Slurm: arrays, MPI, time limits, two copies of a task."""
import functools
import os
import re
import shutil
import signal
import tempfile
import time
import unittest
from pathlib import Path

import dataset
import pipeline
import small_session
import workflow_dataset
from slurm_cluster import SlurmCluster

SCRIPTS = pipeline.SOURCE / "slurm"
#: Jobs that fit the small nodes.
SMALL = ["--sbatch=--cpus-per-task=1", "--sbatch=--mem-per-cpu=500M"]
ONE_JOB = ["--cpus-per-task=1", "--mem-per-cpu=500M"]
MAX_ARRAY_SIZE = 4
LONG = [word for key, value in dataset.LONG.items() for word in ("--set", f"{key}={value}")]


def setUpModule():
    global cluster, folder, names, expected
    root = Path(tempfile.mkdtemp(prefix="rnn_rates_test."))
    unittest.addModuleCleanup(shutil.rmtree, root, ignore_errors=True)
    cluster = unittest.enterModuleContext(SlurmCluster(root, max_array_size=MAX_ARRAY_SIZE))
    data = workflow_dataset.undisturbed(6)
    folder, names, expected = data.folder, data.names, data.digests


def one_session():
    """Flags of a dataset of one session."""
    (folder / "one.tsv").write_text(f"sessions/{names[0]}\n")
    return ["--manifest", folder / "one.tsv", "-c", folder / "settings.toml"]


@functools.cache
def digests_of_long():
    """The digests of an undisturbed run of that session with a long training."""
    out = folder / "undisturbed_long"
    for stage in pipeline.STAGES:
        done = pipeline.run_stage(stage, *one_session(), "-o", out, *LONG, "-q")
        assert done.returncode == 0, done.stderr
    return dataset.digests_below(out)


def processes_called(name):
    """Ids of the processes of that name that jobs of this cluster run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "comm").read_text().strip() != name:
                continue
            if f"SLURM_CONF={cluster.folder}/".encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def state_of(job):
    """What scontrol says of a job or array task; nothing where it does not answer."""
    return cluster.jobs().get(job, {})


def is_pending(pid, which):
    """True where a signal was sent to a stopped process."""
    words = dict(re.findall(r"^(\w+):\s+(\w+)", Path(f"/proc/{pid}/status").read_text(), re.M))
    return bool((int(words["SigPnd"], 16) | int(words["ShdPnd"], 16)) >> (which - 1) & 1)


class SlurmTest(unittest.TestCase):
    def out(self, name):
        return folder / name

    def wait_until(self, condition, what, timeout=90):
        end = time.monotonic() + timeout
        while not condition():
            self.assertLess(time.monotonic(), end, f"no {what}\n{cluster.jobs()}")
            time.sleep(0.02)

    def submit(self, *words, check=True, **env):
        return cluster.command(SCRIPTS / "submit.sh", *words, check=check, cwd=folder, env=env)

    def log_of(self, out):
        return "".join(path.read_text() for path in sorted((out / "slurm/logs").glob("*.log")))

    def check_states(self, jobs, state="COMPLETED", out=None):
        said = (self.log_of(out) if out else "") + cluster.logs()
        self.assertEqual({name: words["JobState"] for name, words in jobs.items()},
                         {name: state for name in jobs}, said)

    def wait_all(self, submitted):
        ids = submitted.stdout.split()
        return [cluster.wait_for(job) for job in ids]


class Arrays(SlurmTest):
    def test_an_array_longer_than_slurm_takes_is_split_and_gives_the_same_results(self):
        out = self.out("array")
        submitted = self.submit(*SMALL, "--", *dataset.flags(folder, out))
        first, second = self.wait_all(submitted)
        self.assertEqual((len(first), len(second)), (MAX_ARRAY_SIZE, len(names) - MAX_ARRAY_SIZE))
        for jobs in (first, second):
            self.check_states(jobs, out=out)
        self.assertEqual(dataset.digests_below(out), expected)
        self.assertTrue(all((out / name / "plots/manifest.json").exists() for name in names))
        remembered = [line.split("\t")[1] for line in (out / "slurm/jobs.tsv").read_text().splitlines()]
        self.assertEqual(remembered, submitted.stdout.split())

    def test_short_sessions_are_bundled_and_a_bad_one_stops_nothing_but_itself(self):
        out = self.out("bundled")
        manifest = folder / "one_bad.tsv"
        manifest.write_text((folder / "sessions.tsv").read_text() + "sessions/nowhere\n")
        flags = ["--manifest", manifest, "-c", folder / "settings.toml", "-o", out]
        [jobs] = self.wait_all(self.submit(*SMALL, "--per-task", "3", "--max-running", "2", "--", *flags))
        # Sessions go to shares in turn, so that the seventh of three shares is the first's.
        codes = {name.split("_")[1]: (words["JobState"], words["ExitCode"]) for name, words in jobs.items()}
        self.assertEqual(codes, {"0": ("FAILED", "8:0"), "1": ("COMPLETED", "0:0"), "2": ("COMPLETED", "0:0")})
        self.assertEqual(dataset.digests_below(out), expected)
        self.assertIn("sessions/nowhere", self.log_of(out))

    def test_a_mistake_in_the_settings_ends_the_task_at_once(self):
        out = self.out("mistake")
        settings = shutil.copy(folder / "settings.toml", folder / "mistaken.toml")
        done = self.submit(*SMALL, "--sbatch=--hold", "--per-task", "6", "--", "--manifest", folder / "sessions.tsv",
                           "-c", settings, "-o", out)
        with open(settings, "a") as file:
            file.write("no_such = 1\n")
        cluster.command("scontrol", "release", done.stdout.strip())
        [jobs] = self.wait_all(done)
        self.assertEqual([words["ExitCode"] for words in jobs.values()], ["3:0"])
        errors = [line for line in self.log_of(out).splitlines() if "error:" in line]
        self.assertEqual(len(errors), 1, errors)
        self.assertIn("no_such", errors[0])

    def test_mistakes_in_settings_and_list_are_said_once_and_nothing_is_submitted(self):
        out, before = self.out("refused"), cluster.jobs()
        manifest = folder / "twice.tsv"
        manifest.write_text("x/a\ny/a\n")
        for flags, code, words in [(["--manifest", manifest], 4, "'a' stands in line 1"),
                                   (["--manifest", folder / "no.tsv"], 4, "no.tsv"),
                                   ([*one_session(), "--set", "no.such=1"], 3, "no.such"), ([], 2, "no session given")]:
            done = self.submit(*SMALL, "--", "-o", out, *flags, check=False)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (code, "", 1), done.stderr)
            self.assertIn(words, done.stderr)
        self.assertEqual((out.exists(), cluster.jobs()), (False, before))

    def test_names_are_those_of_the_programs_and_nothing_that_a_shell_carries_out(self):
        small_session.write(folder / "small")
        small_session.write_nwb(folder / "it's a session.nwb")
        odd = workflow_dataset.ODD_NAMES
        (folder / "odd.tsv").write_text("".join(f"small\t{name}\n" for name in odd) + "it's a session.nwb\n")
        out = self.out("it's, $(touch CARRIED_OUT) 100%j")
        submitted = self.submit(*SMALL, "--per-task", "4", "--stages", "extract_bins", "--", "--manifest", folder / "odd.tsv",
                                "-o", out, *small_session.flags())
        [jobs] = self.wait_all(submitted)
        self.assertEqual(len(jobs), 1)
        self.check_states(jobs, out=out)
        self.assertEqual({path.parent.name for path in out.glob("*/bins.h5")}, {*odd, "it's a session"})
        self.assertEqual(list(folder.rglob("CARRIED_OUT*")), [])

    def test_dry_run_submits_nothing(self):
        out = self.out("dry")
        before = cluster.jobs()
        done = self.submit("-n", "--mpi", "2", "--", *dataset.flags(folder, out))
        self.assertEqual((done.stdout, out.exists(), cluster.jobs()), ("", False, before))
        lines = done.stderr.splitlines()
        self.assertEqual([re.search(r"\.sbatch (\S+)", line)[1] for line in lines],
                         [r"extract_bins\,reduce_pca"] * 2 + ["train_rnn"] + [r"infer_write\,plot_rates"] * 2)
        self.assertIn("--dependency=afterok:JOB1:JOB2 ", lines[2])
        self.assertIn("--dependency=afterok:JOB3 ", lines[4])

    def test_a_dataset_with_jobs_in_the_queue_is_not_submitted_again(self):
        out = self.out("again")
        words = [*SMALL, "--sbatch=--hold", "--per-task", "6", "--", *dataset.flags(folder, out)]
        job = self.submit(*words).stdout.strip()
        refused = self.submit(*words, check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn(f"in the queue: {job} ", refused.stderr)
        cluster.command("scancel", job)
        cluster.wait_for(job)
        cluster.command("scancel", self.submit(*words).stdout.strip())


class Copies(SlurmTest):
    def test_two_copies_of_a_task_at_once_do_no_harm(self):
        out = self.out("copies")
        logs = out / "slurm/logs"
        logs.mkdir(parents=True)
        ids = [cluster.command("sbatch", "--parsable", *ONE_JOB, "--array=0-0", f"--output={logs}/%A.log",
                               f"--export=ALL,RNN_RATES_SLURM={SCRIPTS}", SCRIPTS / "array.sbatch",
                               ",".join(pipeline.STAGES), *one_session(), "-o", out, *LONG).stdout.strip()
               for _ in range(2)]
        models = out / names[0] / "models"
        self.wait_until(lambda: list(models.glob("*.ckpt.h5")), "checkpoint")
        trainings = processes_called("train_rnn")
        for training in trainings:
            os.kill(training, signal.SIGSTOP)
        # The one holds the lock and is halted; the other gets as far as it can.
        self.wait_until(lambda: [state_of(f"{job}_0").get("JobState") for job in ids] == ["RUNNING"] * 2, "two copies")
        self.wait_until(lambda: len([pid for stage in pipeline.STAGES for pid in processes_called(stage)]) == 2,
                        "stages of both copies")
        for training in trainings:
            os.kill(training, signal.SIGCONT)
        for job in ids:
            self.check_states(cluster.wait_for(job), out=out)
        self.assertEqual(dataset.digests_below(out), digests_of_long())


class Mpi(SlurmTest):
    def test_the_chain_with_training_on_two_tasks_on_two_nodes(self):
        out = self.out("mpi")
        submitted = self.submit(*SMALL, "--sbatch=--ntasks-per-node=1", "--mpi", "2", "--per-task", "6", "--",
                                *dataset.flags(folder, out), "--json")
        prepare, train, finish = self.wait_all(submitted)
        for jobs in (prepare, train, finish):
            self.check_states(jobs, out=out)
        [job] = train.values()
        self.assertEqual((job["NumNodes"], job["NumTasks"]), ("2", "2"))
        self.assertEqual(dataset.digests_below(out), expected)
        log = next((out / "slurm/logs").glob("rnn_rates_mpi.*.log")).read_text()
        self.assertRegex(log, r'"rank": 1\b')

    def test_what_follows_a_failed_job_is_not_run(self):
        out = self.out("failed_chain")
        done = self.submit(*SMALL, "--mpi", "2", "--per-task", "6", "--", *dataset.flags(folder, out), "--set",
                           "time_lims_ms=[0, 1e8]")
        prepare, train, finish = self.wait_all(done)
        self.check_states(prepare, "FAILED")
        self.check_states(train, "CANCELLED")
        self.check_states(finish, "CANCELLED")


class TimeLimits(SlurmTest):
    def test_a_job_out_of_time_is_queued_again_and_ends_with_the_digests_of_an_undisturbed_run(self):
        out = self.out("limited")
        # Slurm looks at time limits twice a minute and warns up to a minute early: 10 to 40 s after the start.
        job = self.submit(*SMALL, "--sbatch=--time=1", "--sbatch=--signal=B:USR1@20", "--", *one_session(),
                          "-o", out, *LONG).stdout.strip()
        models = out / names[0] / "models"
        self.wait_until(lambda: list(models.glob("*.ckpt.h5")), "checkpoint")
        # Halted, the training lasts until the warning on machines of any speed.
        [training] = processes_called("train_rnn")
        os.kill(training, signal.SIGSTOP)
        self.wait_until(lambda: is_pending(training, signal.SIGUSR1), "USR1 ahead of the time limit")
        os.kill(training, signal.SIGCONT)

        task = f"{job}_0"
        self.wait_until(lambda: state_of(task).get("Restarts") == "1" and state_of(task)["JobState"] == "PENDING",
                        "job in the queue again")
        # Slurm itself would start it after two minutes; in the second of the requeue it refuses to, as it tells a
        # job's old credentials from its new ones by their time in seconds.
        self.wait_until(lambda: cluster.command("scontrol", "update", f"jobid={task}", "StartTime=now+3",
                                                check=False).returncode == 0, "permission to start")
        jobs = cluster.wait_for(job)
        self.check_states(jobs, out=out)
        said = self.log_of(out)
        for words in ("stopped by SIGUSR1", "queued again, 1 of at most 20 times", "goes on after step"):
            self.assertIn(words, said)
        self.assertEqual(dataset.digests_below(out), digests_of_long())

    def test_a_job_is_not_queued_again_more_often_than_allowed(self):
        out = self.out("given_up")
        submitted = self.submit(*SMALL, "--", *one_session(), "-o", out, "--set", "train.steps=100000000",
                                "--set", "train.patience=0", "--wall-limit", "2", MAX_REQUEUE="0")
        [jobs] = self.wait_all(submitted)
        self.assertEqual([words["ExitCode"] for words in jobs.values()], ["75:0"])
        self.assertIn("not queued again", self.log_of(out))

    def test_every_task_of_an_mpi_job_saves_its_checkpoint(self):
        out = self.out("mpi_limited")
        flags = [*one_session(), "-o", out]
        for stage in pipeline.STAGES[:2]:
            self.assertEqual(pipeline.run_stage(stage, *flags, "-q").returncode, 0)
        submitted = self.submit(*SMALL, "--mpi", "2", "--stages", "train_rnn", "--", *flags, "--set",
                                "train.steps=100000000", "--set", "train.patience=0", "--set",
                                "checkpoint.every_s=0.2", MAX_REQUEUE="0")
        job = submitted.stdout.strip()
        self.wait_until(lambda: list((out / names[0] / "models").glob("*.ckpt.h5")), "checkpoint")
        cluster.command("scancel", "--batch", "--signal=USR1", job)
        [words] = cluster.wait_for(job).values()
        self.assertEqual(words["ExitCode"], "75:0", self.log_of(out))
        self.assertIn("stopped by SIGUSR1", self.log_of(out))


if __name__ == "__main__":
    pipeline.main()
