"""What the user asks of CMake: flags, pages, LibTorch, and the commit that programs name."""
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pipeline

FOLDERS = ("cmake", "configs", "docs", "lib", "scripts", "slurm", "stages", "tests", "workflows")
FLAGS = "-O1 -DASKED_FOR"


class BuildOptions(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.source, self.build = self.folder / "source", self.folder / "build"
        for name in FOLDERS:
            shutil.copytree(pipeline.SOURCE / name, self.source / name, ignore=shutil.ignore_patterns("__pycache__"))
        for path in pipeline.SOURCE.glob("[!.]*.*"):
            if path.is_file():
                shutil.copy(path, self.source)
        self.called = self.folder / "npm was called"
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "npm").write_text(f"#!/bin/sh\ntouch '{self.called}'\necho there is no network >&2\nexit 1\n")
        (tools / "npm").chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}

    def cmake(self, *arguments, fails=False):
        """Runs CMake, which must do what is asked, or not; returns what it says in one line."""
        done = subprocess.run(["cmake", *arguments], cwd=self.source, env=self.environment, capture_output=True, text=True)
        self.assertEqual(done.returncode != 0, fails, done.stdout + done.stderr)
        return " ".join((done.stdout + done.stderr).split())

    def configure(self, *options, **how):
        return self.cmake("-G", "Ninja", "-B", self.build, *options, **how)

    def build_target(self, target, **how):
        return self.cmake("--build", self.build, "--target", target, **how)

    def commands(self):
        """The compiler's command for each source file."""
        commands = json.loads((self.build / "compile_commands.json").read_text())
        return {str(Path(command["file"]).relative_to(self.source)): command["command"] for command in commands
                if command["file"].startswith(str(self.source))}

    def test_own_flags_reach_the_compiler_and_replace_the_defaults(self):
        self.configure("-DRNN_RATES_BUILD_TESTS=OFF")
        self.assertRegex(self.commands()["stages/infer_write/run.cpp"], " -O3 -g1 -DNDEBUG ")
        self.configure(f"-DCMAKE_CXX_FLAGS_RELWITHDEBINFO={FLAGS}")
        for file, command in self.commands().items():
            self.assertIn(f" {FLAGS} ", command, file)
            self.assertNotIn("-O3", command, file)

    def test_without_torch_all_but_its_engine_is_there(self):
        said = self.configure("-DRNN_RATES_WITH_TORCH=OFF")
        self.assertNotIn("Torch", said)
        self.assertNotIn("Torch_DIR", (self.build / "CMakeCache.txt").read_text())
        commands = self.commands()
        for file, command in commands.items():
            self.assertNotIn("torch/csrc", command, file)
            self.assertFalse(file.startswith("lib/rnn/torch/"), file)
        self.assertIn("tests/unit/rnn/trainer_test.cpp", commands)
        self.assertIn("stages/train_rnn/run.cpp", commands)
        object_file = "lib/rnn/CMakeFiles/rnn.dir/torch_plugin.cpp.o"
        self.build_target(object_file)
        self.assertIn(b"built without the LibTorch engine", (self.build / object_file).read_bytes())
        tests = subprocess.run(["ctest", "--test-dir", self.build, "-R", "_torch$"], capture_output=True, text=True).stdout
        self.assertIn("100% tests passed, 0 tests failed out of 2", tests)
        self.assertIn("unit_rnn_torch_torch (Skipped)", tests)

    def test_pages_need_npm_only_while_building_and_only_where_asked_for(self):
        source = "lib/plot/page_assets.cpp"
        self.configure("-DRNN_RATES_BUILD_TESTS=OFF")
        self.build_target(source)
        self.assertFalse(self.called.exists())
        self.assertIn("no_charts/charts.js", (self.build / source).read_text())
        self.configure("-DRNN_RATES_PAGES=ON")
        self.assertFalse(self.called.exists())
        said = self.build_target(source, fails=True)
        for words in ("npm cannot install", "there is no network", "-DRNN_RATES_PAGES=OFF"):
            self.assertIn(words, said)
        self.environment["PATH"] = str(self.path_without_npm())
        said = self.configure("-DRNN_RATES_NPM=", "-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF", fails=True)
        for words in ("needs npm", "apt-get install npm", "-DRNN_RATES_PAGES=OFF"):
            self.assertIn(words, said)

    def path_without_npm(self):
        """A folder of links to all programs but npm."""
        folder = self.folder / "all but npm"
        folder.mkdir()
        for path in os.environ["PATH"].split(":"):
            for program in Path(path).glob("*"):
                if program.name != "npm" and not (folder / program.name).exists():
                    (folder / program.name).symlink_to(program)
        return folder

    def git(self, *arguments):
        identity = {f"GIT_{who}_{what}": "test@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        return subprocess.run(["git", *arguments], cwd=self.source, check=True, capture_output=True, text=True,
                              env={**self.environment, **identity}).stdout.strip()

    def stamped(self):
        """The commit that a build now writes into the programs' source, and when that was written last."""
        self.build_target("rnn_rates_version")
        path = self.build / "lib/core/version.cpp"
        return re.search(r'git_commit\(\) { return "(.*)"; }', path.read_text())[1], path.stat().st_mtime_ns

    def test_programs_name_the_commit_of_the_build_without_configuring_again(self):
        self.git("init", "--quiet", self.folder)
        self.git("-C", self.folder, "commit", "--quiet", "--allow-empty", "-m", "Of a repository around this one")
        self.configure("-DRNN_RATES_BUILD_TESTS=OFF")
        self.assertEqual(self.stamped()[0], "unknown")
        self.git("init", "--quiet")
        self.git("add", "README.md", "CHANGELOG.md")
        self.git("commit", "--quiet", "-m", "First")
        first, written = self.stamped()
        self.assertEqual(first, self.git("rev-parse", "--short=12", "HEAD"))
        self.assertEqual(self.stamped(), (first, written))
        (self.source / "README.md").write_text("changed")
        self.assertEqual(self.stamped()[0], f"{first}-dirty")
        self.git("commit", "--quiet", "-a", "-m", "Second")
        self.assertEqual(self.stamped()[0], self.git("rev-parse", "--short=12", "HEAD"))


if __name__ == "__main__":
    pipeline.main()
