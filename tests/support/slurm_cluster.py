"""A real Slurm of a few small nodes on this host, as child processes in a temporary folder, for tests.

`with SlurmCluster(folder) as cluster:` starts munged, slurmctld and one slurmd a node and stops them again.
"""
import contextlib
import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import time
import unittest
from pathlib import Path

DAEMONS = ["munged", "mungekey", "slurmctld", "slurmd"]
#: Debian keeps daemons where a user's PATH need not reach.
SEARCH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
START_TIMEOUT_S = 60
PRCTL, PR_SET_PDEATHSIG = ctypes.CDLL(None).prctl, 1
FINISHED = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL", "DEADLINE"}

CONF = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
StateSaveLocation={folder}/state
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmdLogFile={folder}/slurmd.%n.log
SlurmdSpoolDir={folder}/spool.%n
TmpFS={folder}/tmp.%n
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=pmix
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ReturnToService=2
MaxArraySize={max_array_size}
SchedulerParameters=sched_interval=1,batch_sched_delay=0,defer_batch=0,bf_interval=1,sched_min_interval=0
SlurmctldTimeout=300
KillWait=5
InactiveLimit=0
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def _find(name):
    return shutil.which(name, path=SEARCH)


def _free_ports(count):
    """Ports that were free a moment ago, all different, and of those that the system gives to nobody by itself."""
    first_given, last_given = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    others = [*range(1024, first_given), *range(last_given + 1, 65536)]
    ports = []
    for port in random.SystemRandom().sample(others, len(others)):
        if len(ports) == count:
            break
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            ports.append(port)
    return ports


def _end_with_parent():
    """In a child: has it terminated when the test is killed, which cannot stop the cluster any more."""
    PRCTL(PR_SET_PDEATHSIG, signal.SIGTERM)


class SlurmCluster:
    """`environment` is what a process needs to talk to this cluster with sbatch, srun, squeue and so on."""

    def __init__(self, folder, nodes=2, cpus=2, max_array_size=1001):
        missing = [name for name in [*DAEMONS, "sbatch", "srun"] if _find(name) is None]
        if missing:
            raise unittest.SkipTest(f"no Slurm here: {', '.join(missing)} (Debian: slurmctld slurmd slurm-client munge)")
        if os.geteuid() != 0:
            raise unittest.SkipTest("slurmd needs root to start jobs")
        self.folder = Path(folder).resolve()
        self.names = [f"n{i}" for i in range(nodes)]
        self.cpus = cpus
        self.max_array_size = max_array_size
        self.processes = []
        self.environment = {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf"),
                            "PATH": SEARCH, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        # A test that itself runs inside a job must not look like a part of that job.
        for name in [name for name in self.environment if name.startswith(("SLURM_", "SBATCH_", "OMPI_COMM", "PMIX_"))]:
            if name != "SLURM_CONF":
                del self.environment[name]

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def _start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        self._write_conf()
        key = self.folder / "munge.key"
        subprocess.run([_find("mungekey"), "-c", "-k", key], check=True)
        self._spawn("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.socket",
                    f"--pid-file={self.folder}/munged.pid", f"--log-file={self.folder}/munged.log",
                    f"--seed-file={self.folder}/munged.seed")
        self._wait_until(lambda: (self.folder / "munge.socket").exists(), "munged's socket")
        conf = self.folder / "slurm.conf"
        self._spawn("slurmctld", "-D", "-i", "-f", conf)
        for name in self.names:
            self._spawn("slurmd", "-D", "-N", name, "-f", conf)
        self._wait_until(self._all_idle, "idle nodes")

    def _write_conf(self):
        host = socket.gethostname().split(".")[0]
        controller, *ports = _free_ports(1 + len(self.names))
        nodes = [f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={self.cpus} RealMemory=4000"
                 for name, port in zip(self.names, ports)]
        for name in self.names:
            temporary = self.folder / f"tmp.{name}"
            temporary.mkdir()
            temporary.chmod(0o1777)
            (self.folder / f"spool.{name}").mkdir()
        (self.folder / "state").mkdir()
        (self.folder / "slurm.conf").write_text(
            CONF.format(host=host, controller_port=controller, user="root", folder=self.folder, nodes="\n".join(nodes),
                        max_array_size=self.max_array_size))

    def _spawn(self, program, *arguments):
        log = open(self.folder / f"{program}.out", "ab")
        self.processes.append(subprocess.Popen([_find(program), *map(str, arguments)], stdin=subprocess.DEVNULL,
                                               stdout=log, stderr=log, env=self.environment, start_new_session=True,
                                               preexec_fn=_end_with_parent))
        log.close()

    def _all_idle(self):
        states = self.command("sinfo", "-h", "-N", "-o", "%N %T", check=False).stdout.split("\n")
        return [line.split() for line in states if line] == [[name, "idle"] for name in self.names]

    def _wait_until(self, condition, what):
        end = time.monotonic() + START_TIMEOUT_S
        while not condition():
            for process in self.processes:
                if process.poll() is not None:
                    raise RuntimeError(f"{process.args[0]} ended with {process.returncode}:\n{self.logs()}")
            if time.monotonic() > end:
                raise RuntimeError(f"no {what} after {START_TIMEOUT_S} s:\n{self.logs()}")
            time.sleep(0.05)

    def logs(self):
        """The last lines of all daemons' logs."""
        parts = []
        for path in sorted([*self.folder.glob("*.log"), *self.folder.glob("*.out")]):
            parts.append(f"== {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-30:]))
        return "\n".join(parts)

    def command(self, *words, check=True, timeout=120, cwd=None, env=None):
        """Runs one of Slurm's commands (or a script that calls them); returns its CompletedProcess."""
        done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=timeout, cwd=cwd,
                              env={**self.environment, **(env or {})})
        if check and done.returncode != 0:
            raise RuntimeError(f"{words}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def jobs(self):
        """{job or array task id, as 12 or 12_3: {what scontrol says of it}} of all jobs that are remembered."""
        found = {}
        for line in self.command("scontrol", "-o", "show", "jobs", check=False).stdout.splitlines():
            words = dict(word.split("=", 1) for word in line.split() if "=" in word)
            if "JobId" not in words:
                continue
            task = words.get("ArrayTaskId")
            found[f"{words['ArrayJobId']}_{task}" if task else words["JobId"]] = words
        return found

    def wait_for(self, job, timeout=300):
        """Waits until a job and all its array tasks are finished; returns its part of `jobs()`."""
        end = time.monotonic() + timeout
        while True:
            mine = {name: words for name, words in self.jobs().items() if name.split("_")[0] == str(job)}
            if mine and all(words["JobState"] in FINISHED for words in mine.values()):
                return mine
            if time.monotonic() > end:
                raise RuntimeError(f"job {job} not finished after {timeout} s: {mine}\n{self.logs()}")
            time.sleep(0.2)

    def stop(self):
        """Cancels all jobs and ends the daemons; those that do not end by themselves are killed."""
        if (self.folder / "slurm.conf").exists() and self.processes:
            self.command("scancel", "--user=root", "--signal=KILL", "--full", check=False, timeout=30)
            self.command("scancel", "--user=root", check=False, timeout=30)
            end = time.monotonic() + 10
            while self.command("squeue", "-h", check=False, timeout=30).stdout.strip() and time.monotonic() < end:
                time.sleep(0.2)
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []
