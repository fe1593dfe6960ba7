"""What each program says of itself, and what it answers to a command line that it cannot use."""
import re
import shlex
import subprocess

import pipeline
import small_session
from pipeline import BIN, SOURCE, STAGES, run_stage


class Help(pipeline.PipelineTest):
    def test_help_has_two_examples_and_names_every_exit_code(self):
        for stage in STAGES:
            with self.subTest(stage):
                done = run_stage(stage, "--help")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                examples = self.examples_of(done.stdout)
                self.assertEqual(len(examples), 2)
                self.assertTrue(all(stage in example for example in examples), examples)
                codes = done.stdout.split("Exit codes:")[1]
                self.assertEqual(re.findall(r"\b(\d+) [a-zM]", codes), [*"012345678", "75"])

    def test_the_documented_exit_codes_are_those_of_the_programs(self):
        page = (SOURCE / "docs/troubleshooting.md").read_text()
        [table] = re.findall(r"^\| code \| meaning \|.*\n\|[-|]+\n((?:\|.*\n)+)", page, re.M)
        documented = [tuple(cell.strip() for cell in row.split("|")[1:3]) for row in table.splitlines()]
        for stage in STAGES:
            said = run_stage(stage, "--help").stdout.split("Exit codes:\n")[1]
            self.assertEqual(re.findall(r"^ +(\d+(?: \+ n)?) (.*)$", said, re.M), documented)

    def test_every_example_is_a_command_line_that_the_program_takes(self):
        for stage in STAGES:
            for example in self.examples_of(run_stage(stage, "--help").stdout):
                with self.subTest(example):
                    words = shlex.split(example)
                    words = words[words.index(stage) + 1:]
                    done = subprocess.run([BIN / stage, *words, "--print-config"], cwd=SOURCE, capture_output=True,
                                          text=True)
                    self.assertEqual(done.returncode, 0, done.stderr)

    def test_help_has_every_flag_that_all_stages_share(self):
        flags = ["--manifest", "-c,--config", "--set", "-o,--out", "--shard", "--threads", "--force", "-n,--dry-run",
                 "--keep-going", "--print-config", "--json", "-q,--quiet", "-v,--verbose", "--version", "-h,--help"]
        for stage in STAGES:
            text = run_stage(stage, "--help").stdout
            for flag in flags:
                self.assertIn(f"  {flag} ", text, f"{stage} {flag}")

    def test_version_names_program_version_and_commit(self):
        for stage in STAGES:
            done = run_stage(stage, "--version")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, rf"^{stage} \d+\.\d+\.\d+ \(\S+\)\nHDF5 \d+\.\d+\.\d+, .*MPI.*, Eigen .*\n$")

    def test_stages_that_do_not_train_do_not_load_libtorch(self):
        for stage in ("extract_bins", "reduce_pca", "plot_rates"):
            loaded = subprocess.run(["ldd", BIN / stage], capture_output=True, text=True, check=True).stdout
            self.assertNotIn("torch", loaded, stage)

    @staticmethod
    def examples_of(text):
        return [line.strip() for line in text.split("Examples:\n")[1].split("\n\n")[0].splitlines()]


class Refused(pipeline.PipelineTest):
    """Each is exit code 2 with the reason on stderr and nothing on stdout."""

    def refused(self, words, *arguments, stages=("extract_bins",)):
        for stage in stages:
            with self.subTest(stage):
                done = self.run_fails(2, words, stage, *arguments)
                self.assertEqual(done.stdout, "")

    def test_unknown_flag(self):
        self.refused(["--no-such-flag"], "session", "--no-such-flag", stages=STAGES)

    def test_no_session(self):
        self.refused(["no session given", "--manifest"], stages=STAGES)

    def test_flag_without_its_value(self):
        self.refused(["--config"], "session", "--config")

    def test_quiet_and_verbose_at_once(self):
        self.refused(["--quiet", "--verbose"], "session", "-q", "-v")

    def test_threads_that_are_no_number_above_0(self):
        for threads in ("0", "-1", "many"):
            self.refused(["--threads"], "session", "--threads", threads)

    def test_shard_that_is_not_one_of_n(self):
        for shard in ("2/2", "1", "1/0", "-1/2", "a/b", "0/2/", "1/2x"):
            self.refused([f"--shard {shard}", "i/n"], "session", f"--shard={shard}")

    def test_two_sessions_of_one_name(self):
        first, second = self.folder / "one" / "same", self.folder / "two" / "same"
        self.refused(["'same'", str(first), str(second), "--manifest"], first, second)

    def test_nothing_is_written(self):
        session = small_session.write(self.folder / "session")
        before = sorted(self.folder.rglob("*"))
        self.refused(["no-such-flag"], session, "--no-such-flag")
        self.refused(["i/n"], session, "--shard", "9/2")
        self.assertEqual(sorted(self.folder.rglob("*")), before)


if __name__ == "__main__":
    pipeline.main()
