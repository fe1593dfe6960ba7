"""Waiting for programs that run at the same time."""
import re
import time
from pathlib import Path


def wait_until_catching(process, which):
    """Waits until a subprocess.Popen has a handler of its own for a signal, or has ended."""
    while process.poll() is None and not _catches(process.pid, which):
        time.sleep(0.001)


def _catches(pid, which):
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True
    return int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16) >> (which - 1) & 1 == 1
