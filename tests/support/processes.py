"""Finding programs that run at the same time, and waiting for them."""
import contextlib
import re
import time
from pathlib import Path


def wait_until(process, condition):
    """Waits until a condition holds, or a subprocess.Popen has ended."""
    while process.poll() is None and not condition():
        time.sleep(0.001)


def wait_until_catching(process, which):
    """Waits until a subprocess.Popen has a handler of its own for a signal, or has ended."""
    wait_until(process, lambda: _catches(process.pid, which))


def wait_until_session_ended(process):
    """Waits until nothing is left of the session that a subprocess.Popen began (start_new_session=True)."""
    while any(_is_alive_in(entry, process.pid) for entry in Path("/proc").glob("[0-9]*")):
        time.sleep(0.001)


def _is_alive_in(entry, session):
    try:
        state, _, _, its_session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return int(its_session) == session and state not in "ZX"


def wait_until_ranks_catch(launcher, program, count, which):
    """The same for `count` ranks of a program; returns their process ids, none where the launcher has ended."""
    while launcher.poll() is None:
        found = ranks(launcher, program)
        if len(found) == count and all(_catches(pid, which) for pid in found):
            return found
        time.sleep(0.001)
    return []


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
