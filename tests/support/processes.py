"""Finding programs that run at the same time, and waiting for them."""
import contextlib
import re
import subprocess
import time
from pathlib import Path

#: More than anything that is waited for takes, on a machine of which a test gets a twentieth.
DEADLINE_S = 600


def _wait(condition, what):
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, f"{what} within {DEADLINE_S} s"
        time.sleep(0.001)


def wait_until(process, condition):
    """Waits until a condition holds, or a subprocess.Popen has ended."""
    _wait(lambda: process.poll() is not None or condition(), f"{process.args[0]}: what was waited for did not come")


def cpu_s(pid):
    """Processor time that all threads of a process have used, None where there is no such process."""
    try:
        return time.clock_gettime(~pid << 3 | 2)  # as clock_getcpuclockid(3) gives it
    except OSError:
        return None


def wait_until_worked(process, work_s):
    """Waits until a subprocess.Popen has used this much processor time, or has ended."""
    wait_until(process, lambda: cpu_s(process.pid) is None or cpu_s(process.pid) >= work_s)


def run_timed(command):
    """Runs a program, which must succeed; returns the processor time that it used."""
    used_s = 0.0
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        used_s = cpu_s(process.pid) or used_s
        time.sleep(0.001)
    assert process.returncode == 0, command
    return used_s


def wait_until_catching(process, which):
    """Waits until a subprocess.Popen has a handler of its own for a signal, or has ended."""
    wait_until(process, lambda: _catches(process.pid, which))


def wait_until_session_ended(process):
    """Waits until nothing is left of the session that a subprocess.Popen began (start_new_session=True)."""
    _wait(lambda: not any(_is_alive_in(entry, process.pid) for entry in Path("/proc").glob("[0-9]*")),
          f"{process.args[0]}: processes of its session did not end")


def _is_alive_in(entry, session):
    try:
        state, _, _, its_session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return int(its_session) == session and state not in "ZX"


def wait_until_ranks_catch(launcher, program, count, which):
    """The same for `count` ranks of a program; returns their process ids, none where the launcher has ended."""
    found = []

    def all_catch():
        found[:] = ranks(launcher, program)
        return len(found) == count and all(_catches(pid, which) for pid in found)

    wait_until(launcher, all_catch)
    return [] if launcher.poll() is not None else found


def ranks(launcher, program):
    """Process ids of those started by a launcher (a subprocess.Popen), itself or by helpers of its own, that run a
    program of this name."""
    found, families = [], [launcher.pid]
    while families:
        pid = families.pop(0)
        # It, or a thread of it, may end meanwhile.
        for thread in Path("/proc").glob(f"{pid}/task/*"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                families += [int(child) for child in (thread / "children").read_text().split()]
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if Path(f"/proc/{pid}/comm").read_text().strip() == program:
                found.append(pid)
    return sorted(found)


def _catches(pid, which):
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16) >> (which - 1) & 1 == 1
