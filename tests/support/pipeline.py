"""What the Python tests share: running stages, making session folders, a temporary folder for each test.

CTest sets RNN_RATES_BIN (the programs), RNN_RATES_SOURCE (this repository) and RNN_RATES_SHARED (recordings and golden
numbers, which may be absent).
"""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BIN = Path(os.environ["RNN_RATES_BIN"])
SOURCE = Path(os.environ["RNN_RATES_SOURCE"])
SHARED = Path(os.environ.get("RNN_RATES_SHARED", "/nonexistent"))
STAGES = ["extract_bins", "reduce_pca", "train_rnn", "infer_write", "plot_rates"]
REFERENCE = SOURCE / "configs" / "reference.toml"


def run_stage(stage, *arguments, env=None, prefix=()):
    """Runs one program; returns its subprocess.CompletedProcess with text output."""
    command = [*prefix, str(BIN / stage), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=600,
                          env={**os.environ, **(env or {})})


class PipelineTest(unittest.TestCase):
    """A test with a folder of its own, `self.folder`."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="rnn_rates_test."))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_ok(self, stage, *arguments, **options):
        """Runs one program, which must succeed; returns what it reports with --json."""
        done = run_stage(stage, *arguments, "--json", **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def run_fails(self, code, words, stage, *arguments, **options):
        """Runs one program, which must fail with exactly `code` and say each of `words`."""
        done = run_stage(stage, *arguments, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        return done

    def run_all(self, *arguments, stages=STAGES):
        """Runs the stages one after the other; returns their reports by name."""
        return {stage: self.run_ok(stage, *arguments) for stage in stages}


def modified_ns(folder, pattern):
    """{path: time of its last change} of the files below a folder, less those that go away meanwhile."""
    found = {}
    for path in folder.glob(pattern):
        with contextlib.suppress(FileNotFoundError):
            found[path] = path.stat().st_mtime_ns
    return found


def statuses(report):
    """{file name: status} of all outputs in a stage's report."""
    return {Path(o["path"]).name: o["status"] for s in report["sessions"] for o in s["outputs"]}


def digests(report):
    """{file name: content digest} of all outputs in a stage's report."""
    return {Path(o["path"]).name: o["content_digest"] for s in report["sessions"] for o in s["outputs"]}


def make_sessions(folder, *names):
    """Session folders of real recordings, or a skip where those are not at hand."""
    script = SHARED / "tools" / "make_sessions.py"
    if not script.exists():
        raise unittest.SkipTest("RNN_RATES_SHARED names no folder with tools/make_sessions.py")
    subprocess.run(["/usr/bin/python3", str(script), str(folder), *names], check=True, capture_output=True)


def need_torch():
    """Skips a test that needs LibTorch's engine where the programs were built without it."""
    if not (BIN / "librnn_rates_torch.so").exists():
        raise unittest.SkipTest("built without LibTorch (RNN_RATES_WITH_TORCH=OFF)")


def main():
    """Runs the file's tests; exits with 77, which CTest counts as skipped, if there was none that could run."""
    result = unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]], exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.skipped and len(result.skipped) == result.testsRun else 0)
