"""Finding programs that run at the same time, and waiting for them."""
import re
import time
from pathlib import Path


def wait_until_catching(process, which):
    """Waits until a subprocess.Popen has a handler of its own for a signal, or has ended."""
    while process.poll() is None and not _catches(process.pid, which):
        time.sleep(0.001)


def ranks(launcher, program):
    """Process ids of those started by a launcher (a subprocess.Popen), itself or by helpers of its own, that run a
    program of this name."""
    found, families = [], [launcher.pid]
    while families:
        pid = families.pop(0)
        for thread in Path(f"/proc/{pid}/task").iterdir():
            families += [int(child) for child in (thread / "children").read_text().split()]
        if Path(f"/proc/{pid}/comm").read_text().strip() == program:
            found.append(pid)
    return sorted(found)


def _catches(pid, which):
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True
    return int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16) >> (which - 1) & 1 == 1
