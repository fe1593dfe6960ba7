"""Finding programs that run at the same time, and waiting for them."""
import contextlib
import re
import time
from pathlib import Path


def wait_until_catching(process, which):
    """Waits until a subprocess.Popen has a handler of its own for a signal, or has ended."""
    while process.poll() is None and not _catches(process.pid, which):
        time.sleep(0.001)


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
        # It may end meanwhile.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                families += [int(child) for child in (thread / "children").read_text().split()]
            if Path(f"/proc/{pid}/comm").read_text().strip() == program:
                found.append(pid)
    return sorted(found)


def _catches(pid, which):
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16) >> (which - 1) & 1 == 1
