"""The Python that has pynwb and nwbinspector, which Debian's has not: scripts/install_deps.sh --tests makes it."""
import os
import subprocess
import sys
import unittest
from pathlib import Path

import pipeline

PYTHON = Path(os.environ.get("RNN_RATES_NWB_PYTHON", pipeline.SOURCE / "build/test-python/bin/python"))


def run(*arguments):
    """Runs that Python; returns what it prints. Raises SkipTest where there is none with pynwb."""
    if not PYTHON.exists():
        raise unittest.SkipTest(f"{PYTHON} is absent; scripts/install_deps.sh --tests makes it")
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([PYTHON, *map(str, arguments)], capture_output=True, text=True, env=plain)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write_session(session, path):
    """Writes blech_clust's session folder, spike times included, as the NWB file `path` with pynwb."""
    run(Path(__file__).with_name("write_nwb.py"), session, path)
    return path


def continue_there(modules):
    """Goes on with the running test file in that Python, where it has `modules`; else ends it as skipped."""
    if Path(sys.executable) == PYTHON:
        return
    if not PYTHON.exists() or subprocess.run([PYTHON, "-c", f"import {modules}"], capture_output=True).returncode != 0:
        print(f"skipped: no {PYTHON} with {modules}; scripts/install_deps.sh --tests makes it")
        sys.exit(77)
    os.execv(PYTHON, [PYTHON, *sys.argv])
