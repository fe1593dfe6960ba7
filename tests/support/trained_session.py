"""A small session with its results, made once a test file and copied for each test: copies count as up to date."""
import functools
import shutil
import tempfile
import unittest
from pathlib import Path

import pipeline
import small_session


@functools.cache
def _template():
    folder = Path(tempfile.mkdtemp(prefix="rnn_rates_test."))
    unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
    session = small_session.write(folder / "session")
    for stage in pipeline.STAGES:
        done = pipeline.run_stage(stage, session, *small_session.flags())
        assert done.returncode == 0, done.stderr
    return session


def copy(folder, without=()):
    """Copies the session to `folder`/session, less the named parts of its rnn_output; returns its path."""
    session = Path(folder) / "session"
    shutil.copytree(_template(), session)
    for name in without:
        path = session / "rnn_output" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return session
