"""docs/python.md, in a fresh virtual environment: the wheel, with the libraries that it needs inside, and every snippet."""
import os
import re
import subprocess
import unittest

import doc_blocks
import nwb
import pipeline

PAGE = pipeline.SOURCE / "docs/python.md"
NEEDED = "scikit_build_core, auditwheel, pynapple, neo, spikeinterface, sklearn, matplotlib"


def run(*command, **options):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Wheel(pipeline.PipelineTest):
    """Made of the programs as they are built, stripped, without a network: what it needs comes from build/test-python."""

    def setUp(self):
        super().setUp()
        if "ASAN_OPTIONS" in os.environ:
            raise unittest.SkipTest("programs with sanitizers are not made into a wheel")
        if not nwb.PYTHON.exists() or subprocess.run([nwb.PYTHON, "-c", f"import {NEEDED}"], capture_output=True).returncode != 0:
            raise unittest.SkipTest(f"no {nwb.PYTHON} with {NEEDED}; scripts/install_deps.sh --tests makes it")
        programs, wheels, venv = (self.folder / name for name in ("programs", "wheels", "venv"))
        programs.mkdir()
        for stage in pipeline.STAGES:
            run("strip", "-o", programs / stage, pipeline.BIN / stage)
        wheel = [nwb.PYTHON.with_name("pip"), "wheel", "--no-build-isolation", "--no-index", "--no-deps", "-w", wheels,
                 f"--config-settings=cmake.define.RNN_RATES_PROGRAMS={programs}", pipeline.SOURCE / "python"]
        try:
            run(*wheel)
        except AssertionError as failure:  # scikit-build-core gives CMake five seconds to tell its version
            if "CMake timed out" not in str(failure):
                raise
            run(*wheel)
        run(nwb.PYTHON.with_name("auditwheel"), "repair", "-z", "1", "-w", wheels, *wheels.glob("*-linux_*.whl"),
            env={**os.environ, "PATH": f"{nwb.PYTHON.parent}:{os.environ['PATH']}"})
        run("/usr/bin/python3", "-m", "venv", venv)
        others = run(nwb.PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
        packages = run(venv / "bin/python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
        with open(f"{packages}/others.pth", "w") as file:
            file.write(others)
        run(venv / "bin/pip", "install", "--no-index", *wheels.glob("*-manylinux*.whl"))
        self.package, self.venv = f"{packages}/rnn_rates", venv

    def test_page_and_wheel(self):
        for stage in pipeline.STAGES:
            linked = run("ldd", f"{self.package}/bin/{stage}")
            for library in ("libhdf5", "libmpi"):
                self.assertRegex(linked, rf"{library}\S* => \S*/rnn_rates\.libs/{library}")
        here = {"PATH": f"{self.venv}/bin:/usr/bin:/bin", "PYTHONWARNINGS": "ignore", "MPLBACKEND": "Agg"}
        here |= {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "TMPDIR")}
        work = self.folder / "work"
        work.mkdir()
        self.assertIn("extract_bins", run("extract_bins", "--version", env=here))
        blocks = doc_blocks.blocks(PAGE)
        self.assertEqual(len(blocks), 5)
        for language, text in blocks:
            program = [self.venv / "bin/python", "-c"] if language == "python" else ["bash", "-euo", "pipefail", "-c"]
            run(*program, text, env=here, cwd=work)
        self.examples(work, here)
        for name in ("unit_2", "decode_taste", "find_transition"):
            self.assertTrue((work / f"{name}.png").read_bytes().startswith(b"\x89PNG"))

    def examples(self, work, here):
        """Both on a session that the page has simulated. What they find in spike counts is the same with few steps of training."""
        said = [run(self.venv / "bin/python", pipeline.SOURCE / f"python/examples/{name}.py", work / "day_1", "train.steps=50",
                    "infer.combine_with=[]", env=here, cwd=work) for name in ("decode_taste", "find_transition")]
        for name in ("spike counts", r"rates \(causal.toml\)"):
            told = re.search(rf"{name}: (\S+) before the stimulus \(chance 0.25\), at most ([0-9.]+);", said[0])
            before, most = map(float, told.groups())
            self.assertLess(before, 0.4)
            self.assertGreater(most, 0.8)
        off_ms = {name: int(ms) for name, ms in re.findall(r"^(.*): off by (\d+) ms in the median", said[1], re.M)}
        self.assertEqual(list(off_ms), ["spike counts", "rates"])
        self.assertLess(off_ms["rates"], off_ms["spike counts"])


if __name__ == "__main__":
    pipeline.main()
