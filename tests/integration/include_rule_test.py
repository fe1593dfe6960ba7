"""The include rule, which is the table in lib/README.md, checked on every source file, and the diagram under it."""
import re
import subprocess
import unittest

import pipeline

ROW = re.compile(r"^\| (\w+) \|.*\|([\w, ]*)\|$", re.M)
ALLOWED = {folder: set(re.findall(r"\w+", others))
           for folder, others in ROW.findall((pipeline.SOURCE / "lib/README.md").read_text()) if folder != "folder"}
PURE = ["neural", "rnn", "inference", "plot"]  # Work that may be stopped gets a token; the process's signals are none of its business.
FORBIDDEN_HEADERS = {  # header prefix: who may include it
    "torch": {"rnn/torch"},
    "mpi.h": {"mpi"},
    "hdf5": {"h5"},
    "CLI/": {"cli"},
    "toml++": {"config"},
}


class IncludeRule(unittest.TestCase):
    def sources(self):
        return [path for path in (pipeline.SOURCE / "lib").rglob("*.[ch]pp")]

    def test_libraries_include_only_what_the_rule_allows(self):
        folders = {path.name for path in (pipeline.SOURCE / "lib").iterdir() if path.is_dir()}
        self.assertEqual(folders, set(ALLOWED))
        used = {folder: set() for folder in folders}
        for path in self.sources():
            folder = path.relative_to(pipeline.SOURCE / "lib").parts[0]
            for name in re.findall(r'#include "([^"]+)"', path.read_text()):
                other = name.split("/")[0]
                if other in ALLOWED and other != folder:
                    self.assertIn(other, ALLOWED[folder], f"{path} includes {name}")
                    used[folder].add(other)
        self.assertEqual(used, ALLOWED, "lib/README.md allows what no file makes use of")

    def test_the_diagram_is_current(self):
        done = subprocess.run(["/usr/bin/python3", pipeline.SOURCE / "scripts/include_diagram.py", "--check"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_outside_libraries_stay_where_they_belong(self):
        for path in self.sources():
            folder = str(path.relative_to(pipeline.SOURCE / "lib").parent)
            for name in re.findall(r"#include <([^>]+)>", path.read_text()):
                for prefix, where in FORBIDDEN_HEADERS.items():
                    if name.startswith(prefix):
                        self.assertIn(folder, where, f"{path} includes <{name}>")

    def test_pure_libraries_know_nothing_of_the_processs_signals(self):
        for path in self.sources():
            if path.relative_to(pipeline.SOURCE / "lib").parts[0] in PURE:
                self.assertNotIn('#include "core/stop.hpp"', path.read_text(), path)

    def test_no_program_links_libtorch(self):
        for stage in pipeline.STAGES:
            linked = subprocess.run(["ldd", pipeline.BIN / stage], capture_output=True, text=True, check=True)
            self.assertNotIn("torch", linked.stdout)


if __name__ == "__main__":
    pipeline.main()
