"""Figures against the recording they show, and as they are asked for: marks of spikes, parts, figures for print."""
import re
import shutil
import struct
import tempfile
from pathlib import Path

import numpy as np

import pipeline
import small_session
from pipeline import STAGES, run_stage

WINDOW = slice(200, 800)
FLAGS = ["--set", "time_lims_ms=[200,800]", "--set", "stim_ms=300", "--set", "train.steps=10", "--set", "train.folds=2",
         "--set", "infer.combine_with=[]", "--set", "plots.select=['calibration']"]
TRIALS = [4] * 9 + [45]


def texts(svg):
    return re.findall(r"<text>(.*?)</text>", svg)


def marks(svg, colour):
    """Upright strokes of a colour (r, g, b): gnuplot joins paths, so that each `L` straight above its `M` is one."""
    found = 0
    for path in re.findall(r"<path stroke='rgb\(%3d, %3d, %3d\)'[^>]* d='([^']*)'" % colour, svg):
        points = re.findall(r"([ML])\s*([\d.]+),([\d.]+)", path)
        found += sum(kind == "L" and x == before[1] for before, (kind, x, _) in zip(points, points[1:]))
    return found


class Figures(pipeline.PipelineTest):
    @classmethod
    def setUpClass(cls):
        cls.home = Path(tempfile.mkdtemp(prefix="rnn_rates_test."))
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        cls.spikes = small_session.draw_spikes(TRIALS)
        cls.session = small_session.write(cls.home / "many", cls.spikes, info=False, descriptor=False)
        cls.plots = cls.session / "rnn_output" / "plots"
        for stage in STAGES:
            done = run_stage(stage, *FLAGS, cls.session)
            assert done.returncode == 0, done.stderr

    def figure(self, name, *flags):
        """Draws it for print; returns its files by name."""
        shutil.rmtree(self.plots / "print", ignore_errors=True)
        self.run_ok("plot_rates", *FLAGS, "--figure", name, *flags, self.session)
        return {path.name: path for path in (self.plots / "print").rglob("*.*")}

    def test_rasters_have_a_mark_for_each_spike_of_the_recording(self):
        files = self.figure("psth", "--width", "180mm", "--format", "svg", "--units", "1,3", "--conditions", "dig_in_0,dig_in_4")
        self.assertEqual(sorted(files), ["region_all_unit_001.svg", "region_all_unit_003.svg"])
        for unit in (1, 3):
            svg = files[f"region_all_unit_{unit:03}.svg"].read_text()
            for colour, taste in (((0, 114, 178), 0), ((213, 94, 0), 4)):
                self.assertEqual(marks(svg, colour), np.sum(self.spikes[taste][:, unit, WINDOW]), (unit, taste))

    def test_more_than_eight_conditions_make_parts_and_many_trials_bands(self):
        files = self.figure("units", "--width", "180mm", "--format", "svg", "--units", "2", "--set", "plots.condition_word=odour")
        self.assertEqual(sorted(files), ["region_all_unit_002_page_01.svg", "region_all_unit_002_page_02.svg"])
        first, second = (files[name].read_text() for name in sorted(files))
        self.assertIn("<title>unit 002, region all, many, region all, odours 1 to 8 of 10</title>", first)
        self.assertIn("bands that hold 50 and 90% of them", second)
        self.assertEqual([text for text in texts(second) if "n =" in text], ["dig_in_8, n = 4", "dig_in_9, n = 45"])

    def test_figures_for_print_have_their_size_no_title_and_say_what_they_are(self):
        svg = self.figure("mean_rates", "--width", "85mm", "--font", "8", "--format", "svg",
                          "--conditions", "dig_in_0")["mean_rates_region_all.svg"].read_text()
        self.assertIn(' width="85mm"', svg)
        self.assertNotIn("Mean rates, region all", texts(svg))
        self.assertIn("unit 004", texts(svg))
        self.assertIn("<title>Mean rates, region all, many", svg)
        self.assertRegex(svg, r"<desc>Session many, rates.h5 with content digest \w+, drawn by plot_rates ")
        width_px = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
        least_px = min(float(size) for size in re.findall(r'font-size="([\d.]+)"', svg))
        self.assertGreaterEqual(least_px * 85 / 25.4 * 72 / width_px, 5)
        png = self.figure("mean_rates", "--width", "85mm", "--conditions", "dig_in_0")["mean_rates_region_all.png"].read_bytes()
        self.assertAlmostEqual(struct.unpack(">I", png[16:20])[0], 85 / 25.4 * 300, delta=1)
        self.assertAlmostEqual(struct.unpack(">I", png[41:45])[0] * 0.0254, 300, delta=0.5)
        self.assertIn(b"iTXtTitle\0\0\0\0\0Mean rates", png)
        pdf = self.figure("mean_rates", "--width", "85mm", "--format", "pdf",
                          "--conditions", "dig_in_0")["mean_rates_region_all.pdf"].read_bytes()
        self.assertIn(b"/Title <FEFF" + "Mean".encode("utf-16-be").hex().upper().encode(), pdf)
        self.run_ok("plot_rates", *FLAGS, "--force", self.session)
        self.assertTrue((self.plots / "print/mean_rates_region_all.pdf").exists())

    def test_what_is_not_there_is_named(self):
        self.run_fails(3, ["no taste 'salt'", "dig_in_0"], "plot_rates", *FLAGS, "--figure", "units", "--conditions", "salt", self.session)
        self.run_fails(2, ["--width 85: expected"], "plot_rates", *FLAGS, "--figure", "units", "--width", "85", self.session)
        self.run_fails(2, ["--figure"], "plot_rates", *FLAGS, "--width", "85mm", self.session)


if __name__ == "__main__":
    pipeline.main()
