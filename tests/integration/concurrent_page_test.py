"""Two runs of plot_rates that draw different sessions into one folder: its page lists both, whoever ends last."""
import os
import re
import shutil
import subprocess

import pipeline
import processes
import small_session

FLAGS = [*small_session.flags(), "--set", "plots.select=['losses']"]
#: Stands in for gnuplot: says that it was started, and waits to be let go on.
HELD_GNUPLOT = """#!/bin/sh
touch {folder}/started
until [ -e {folder}/go ]; do sleep 0.01; done
exec {gnuplot} "$@"
"""


class ConcurrentRuns(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "out"
        self.sessions = [small_session.write(self.folder / name, small_session.draw_spikes(seed=seed))
                         for seed, name in enumerate("ab")]
        for stage in pipeline.STAGES[:4]:
            self.run_ok(stage, *self.sessions, "-o", self.out, *FLAGS)

    def held_gnuplot(self):
        """An environment in which gnuplot waits for `self.folder`/go."""
        programs = self.folder / "programs"
        programs.mkdir()
        (programs / "gnuplot").write_text(HELD_GNUPLOT.format(folder=self.folder, gnuplot=shutil.which("gnuplot")))
        (programs / "gnuplot").chmod(0o755)
        return {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}

    def test_the_page_lists_what_another_run_drew_meanwhile(self):
        first, second = self.sessions
        self.run_ok("plot_rates", first, "-o", self.out, *FLAGS)
        # Its pictures are up to date, so what it starts gnuplot for is the page, with the sessions listed.
        process = subprocess.Popen([pipeline.BIN / "plot_rates", first, "-o", self.out, *FLAGS], text=True,
                                   stderr=subprocess.PIPE, env=self.held_gnuplot())
        self.addCleanup(process.kill)
        processes.wait_until(process, (self.folder / "started").exists)
        self.run_ok("plot_rates", second, "-o", self.out, *FLAGS)
        expected, picture = self.links(), (self.out / "scores.png").read_bytes()
        self.assertEqual(expected, ["a", "b"])
        (self.folder / "go").touch()
        said = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 0, said)
        self.assertIn("lists 2 sessions", said)
        self.assertEqual(self.links(), expected)
        self.assertEqual((self.out / "scores.png").read_bytes(), picture)

    def links(self):
        return sorted(re.findall(r'href="([^"/]+)/report\.html"', (self.out / "index.html").read_text()))


if __name__ == "__main__":
    pipeline.main()
