"""Finding the workflow engines that scripts/install_workflow_tools.sh installs."""
import os
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

import pipeline

TOOLS = pipeline.SOURCE / "build" / "workflow_tools" / "bin"
#: Engines call the stages by name.
ENVIRONMENT = {**os.environ, "PATH": f"{pipeline.BIN}:{TOOLS}:{os.environ['PATH']}"}


def need(name):
    """The path of a tool, or a skip that names it."""
    found = shutil.which(name, path=ENVIRONMENT["PATH"])
    if found is None:
        raise unittest.SkipTest(f"no {name} here (scripts/install_workflow_tools.sh installs it)")
    return found


def wait_until(condition, what, process=None, timeout=120):
    """Waits for `condition()`; fails after `timeout` seconds, or when `process` has ended before."""
    end = time.monotonic() + timeout
    while not condition():
        if process is not None and process.poll() is not None:
            raise AssertionError(f"no {what}: {process.args[0]} ended before, with {process.returncode}")
        if time.monotonic() > end:
            raise AssertionError(f"no {what} within {timeout} s")
        time.sleep(0.02)


def stages_below(process, name):
    """Ids of the running processes called `name` in the session that `process` leads."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        command, rest = stat[stat.index("(") + 1:stat.rindex(")")], stat[stat.rindex(")") + 2:].split()
        if command == name and int(rest[3]) == process.pid and rest[0] != "Z":
            found.append(int(entry.name))
    return found


def kill_session(process):
    """Kills a process that leads a session, with all processes of that session."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text()
            if int(stat[stat.rindex(")") + 2:].split()[3]) == process.pid:
                os.kill(int(entry.name), signal.SIGKILL)
        except OSError:
            continue
    process.wait()


def start(words, folder, log, environment):
    """Starts a program in the background as the leader of a session, its output going to the file `log`."""
    with open(log, "wb") as file:
        return subprocess.Popen(list(map(str, words)), cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
