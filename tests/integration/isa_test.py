"""Instruction sets of the fused engine: which give the same digests, and what a checkpoint of another one leads to."""
import re
import signal
import subprocess
from pathlib import Path

import pipeline
import processes
import small_session
import trained_session
from pipeline import digests

KERNELS = pipeline.BIN.parent / "lib/rnn/fused/CMakeFiles"
#: Enough steps to be stopped amid them.
LONG = {"train__steps": "30000", "train__validate_every": "100"}


def isas():
    """The instruction sets of this machine that train.isa can name."""
    known = pipeline.run_stage("train_rnn", "--print-config").stdout
    names = re.findall(r'"(x86-64-v\d)"', known)
    flags = set(re.search(r"^flags\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)[1].split())
    needs = {"x86-64-v2": {"sse4_2"}, "x86-64-v3": {"avx2", "fma"}, "x86-64-v4": {"avx512bw", "avx512dq", "avx512vl"}}
    return sorted(name for name in names if needs[name] <= flags)


class Trained(pipeline.PipelineTest):
    def test_each_instruction_set_trains_and_those_with_multiply_adds_alike(self):
        found = {}
        for isa in isas():
            session = trained_session.copy(self.folder / isa, without=["models", "rates.h5"])
            found[isa] = digests(self.run_ok("train_rnn", session, *small_session.flags(train__isa=isa)))
        self.assertIn("x86-64-v2", found)
        if "x86-64-v4" in found:
            self.assertEqual(found["x86-64-v3"], found["x86-64-v4"])


class Continued(pipeline.PipelineTest):
    def stopped(self, isa):
        """A session whose training on `isa` was stopped, and the digests of an undisturbed one."""
        undisturbed = trained_session.copy(self.folder / "undisturbed", without=["models", "rates.h5"])
        session = trained_session.copy(self.folder / "stopped", without=["models", "rates.h5"])
        flags = small_session.flags(train__isa=isa, **LONG)
        expected = digests(self.run_ok("train_rnn", undisturbed, *flags))
        models = session / "rnn_output/models"
        process = subprocess.Popen([pipeline.BIN / "train_rnn", session, *flags, "--threads", "1", "--set",
                                    "checkpoint.every_s=0"], stderr=subprocess.PIPE, text=True)
        processes.wait_until(process, lambda: pipeline.modified_ns(models, "*.ckpt.h5"))
        process.send_signal(signal.SIGTERM)
        self.assertEqual((process.communicate(timeout=60)[1] and process.returncode), 75)
        return session, expected

    def check(self, begun_on, other):
        session, expected = self.stopped(begun_on)
        checkpoints = {path: path.read_bytes() for path in (session / "rnn_output/models").glob("*.ckpt.h5")}
        self.assertTrue(checkpoints)
        self.run_fails(4, ["checkpoint after step", begun_on, f"--set train.isa={begun_on}", "--force"], "train_rnn",
                       session, "--threads", "1", *small_session.flags(train__isa=other, **LONG))
        self.assertEqual({path: path.read_bytes() for path in checkpoints}, checkpoints)
        # Networks that had not begun are free to use the best that this machine has.
        begun = {path.name.replace(".ckpt.h5", ".h5") for path in checkpoints}
        found = digests(self.run_ok("train_rnn", session, *small_session.flags(**LONG)))
        self.assertEqual({name: found[name] for name in begun}, {name: expected[name] for name in begun})

    def test_a_training_with_multiply_adds_is_not_continued_without(self):
        if "x86-64-v3" not in isas():
            self.skipTest("needs AVX2")
        self.check("x86-64-v3", "x86-64-v2")

    def test_nor_the_other_way_round(self):
        if "x86-64-v3" not in isas():
            self.skipTest("needs AVX2")
        self.check("x86-64-v2", "x86-64-v3")


def weak_symbols(path):
    """Symbols that a linker merges with those of other objects, by nm."""
    lines = subprocess.run(["nm", "--defined-only", path], capture_output=True, text=True, check=True).stdout.splitlines()
    # The pointer to the C++ runtime's exception handler holds no code.
    return [line for line in lines if line.split()[-2] in "WVwvu" and not line.endswith(" DW.ref.__gxx_personality_v0")]


class Symbols(pipeline.PipelineTest):
    """Code for an instruction set that a machine lacks must not get into its programs through a merged symbol."""

    def test_the_kernels_share_nothing_that_a_linker_could_merge(self):
        objects = list(KERNELS.glob("rnn_fused_kernel_*.dir/*.o"))
        self.assertGreaterEqual(len(objects), 2)
        for path in objects:
            self.assertEqual(weak_symbols(path), [], path)

    def test_a_shared_inline_function_would_be_found(self):
        source = self.folder / "shared.cpp"
        source.write_text("inline int shared() { return 1; }\nint (*taken)() = shared;\n")
        subprocess.run(["c++", "-c", source, "-o", self.folder / "shared.o"], check=True)
        self.assertIn("shared", weak_symbols(self.folder / "shared.o")[0])


if __name__ == "__main__":
    pipeline.main()
