"""What report.html shows besides the rates of one unit, and how it looks on other screens, in a real browser."""
import csv
import io
import shutil
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

import browser
import pipeline
import small_session
from page import PageTest
from pipeline import STAGES, run_stage

FIT = "region_all_taste_all"
SETTINGS = {"time_lims_ms": "[200, 800]", "stim_ms": "300", "train.steps": "40", "train.validate_every": "20", "fits.separate_regions": "false"}
PLOTS = ["--set", "plots.select=['scores']", "--set", "plots.condition_word=odour"]


def run_all(out, session, **changes):
    settings = SETTINGS | {key.replace("__", "."): value for key, value in changes.items()}
    flags = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    for stage in STAGES:
        own = {"infer_write": ["--baselines"], "plot_rates": PLOTS}.get(stage, [])
        done = run_stage(stage, session, "-o", out, *flags, *own)
        assert done.returncode == 0, done.stderr


class Views(PageTest):
    """Of a small session, run twice with different settings."""

    @classmethod
    def setUpClass(cls):
        cls.sessions = Path(tempfile.mkdtemp(prefix="rnn_rates_test."))
        cls.addClassCleanup(shutil.rmtree, cls.sessions, ignore_errors=True)
        session = small_session.write(cls.sessions / "small")
        run_all(cls.sessions / "out", session)
        run_all(cls.sessions / "other", session, train__steps="20")
        cls.report = cls.sessions / "out/small/report.html"
        with h5py.File(cls.sessions / "out/small/rates.h5") as rates:
            scores, fit = rates[f"scores/{FIT}"], rates[f"rnn_output/regions/{FIT}"]
            methods = [name.decode() for name in scores["methods"][:]]
            cls.unit_bits = scores["bits_per_hidden_spike_per_unit"][methods.index("combined")]
            cls.rate_hz, cls.trial_taste = fit["rate_hz"][:], fit["trial_taste"][:]
            cls.latents = fit["latent_factors"][:]
            cls.gpfa_hz = rates[f"baselines/{FIT}/gpfa"][:]
            log_rate = fit["log_rate_offset"][:][:, None] + np.einsum("fu,tfb->tub", fit["factor_loadings"][:], cls.latents)
            cls.network_hz = np.exp(log_rate) * 1000 / 25
            cls.verdict = rates[f"verdicts/{FIT}"].asstr()[0]
            cls.bits = rates[f"metrics/{FIT}/bits_per_hidden_spike"][()]

    def listed(self):
        """The units of the list from top to bottom, as indices."""
        return self.script("return [...document.querySelectorAll('#unit-list tbody tr')].map((row) => Number(row.dataset.unit))")

    def head(self, name):
        return next(head for head in self.all("#unit-list th button") if head.text == name)

    def all(self, css):
        from selenium.webdriver.common.by import By
        return self.browser.find_elements(By.CSS_SELECTOR, css)

    def test_the_first_screen_has_the_score_and_the_best_unit(self):
        self.emulate(1400, 900)
        self.open(self.report)
        self.assertTrue(self.find(".headline").text.startswith(f"{self.bits:.3f} ± "))
        self.assertEqual(self.script("return state.unit"), int(np.nanargmax(self.unit_bits)))
        self.assertLess(self.script("return element('unit-chart').getBoundingClientRect().bottom"), 900)
        self.assertGreater(self.script("return element('unit-chart').getBoundingClientRect().width"), 600)
        self.done()

    def test_the_list_of_units_sorts_and_follows_keys(self):
        from selenium.webdriver.common.keys import Keys
        self.open(self.report)
        self.assertEqual(self.listed(), list(np.argsort(-self.unit_bits, kind="stable")))
        self.head("Hz").click()
        with h5py.File(self.report.with_name("bins.h5")) as bins:
            spikes = sum(taste["counts"][:].sum((0, 2), dtype=int) for taste in bins["tastes"].values())
        self.assertEqual(self.listed(), list(np.argsort(-spikes, kind="stable")))
        self.head("Hz").click()
        self.assertEqual(self.listed(), list(np.argsort(spikes, kind="stable")))
        self.head("unit").click()
        self.assertEqual(self.listed(), list(range(5)))
        self.find("#unit-list tbody button").click()
        self.find("#unit-list [aria-current]").send_keys(Keys.ARROW_DOWN)
        self.assertEqual(self.script("return [state.unit, document.activeElement.textContent]"), [1, "unit 001"])
        self.find("#next-unit").click()
        self.assertEqual(self.find("#unit").get_attribute("value"), "2")
        self.assertIn("sort=unit", self.script("return location.hash"))

    def test_methods_are_drawn_over_the_trial_as_ticked(self):
        self.open(self.report, "#unit=2&trial=1:3")
        self.find("#methods input[value=gpfa]").click()
        self.find("#methods input[value=network]").click()
        self.find("#methods input[value=outOfFold]").click()
        drawn = self.script("return charts.unit.getOption().series.filter((s) => s.xAxisIndex === rnnGrid && s.z === 5).map((s) => s.data.map((p) => p[1]))")
        trial = np.flatnonzero(self.trial_taste == 1)[3]
        expected = [all_hz[trial, 2] for all_hz in (self.rate_hz, self.network_hz, self.gpfa_hz)]
        self.assertEqual(len(drawn), 3)
        by_rms = [min(drawn, key=lambda curve: np.abs(np.array(curve) - rates).max()) for rates in expected]
        for curve, rates, all_hz in zip(by_rms, expected, (self.rate_hz, self.network_hz, self.gpfa_hz)):
            np.testing.assert_allclose(curve, rates, atol=np.ptp(all_hz[:, 2]) / 250)
        self.assertIn("methods=rnn+truth+network+gpfa", self.script("return location.hash"))

    def test_all_units_of_a_mean_and_of_a_trial(self):
        self.open(self.report, "#taste=1")
        mean = self.rate_hz[self.trial_taste == 1].mean(0)
        rows = self.script("return populationRows(state).map(({ unit, values }) => [unit, [...values]])")
        peaks = [int(np.argmax(mean[unit])) for unit, _ in rows]
        self.assertEqual(peaks, sorted(peaks))
        for unit, values in rows:
            np.testing.assert_allclose(values, mean[unit], atol=np.ptp(self.rate_hz[:, unit]) / 250)
        self.find("#next-trial").click()
        values = self.script("return populationRows(state).map(({ unit, values }) => [unit, [...values]])")
        self.assertEqual([unit for unit, _ in values], [unit for unit, _ in rows])
        trial = self.rate_hz[self.trial_taste == 1][0]
        for unit, of_trial in values:
            np.testing.assert_allclose(of_trial, trial[unit], atol=np.ptp(self.rate_hz[:, unit]) / 250)
        self.assertEqual(self.find("#population-of").text, "quinine, trial 1")

    def test_latents_in_two_and_three_dimensions(self):
        self.open(self.report, "#latents=2d&axes=1+0+2")
        scaled = (self.latents - self.latents.mean((0, 2), keepdims=True)) / self.latents.std((0, 2), keepdims=True)
        mean = scaled[self.trial_taste == 0].mean(0)
        bold = "return charts.latents.getOption().series.find((s) => s.type === 'line' && s.lineStyle.width === 3).data"
        np.testing.assert_allclose(np.transpose(self.script(bold)), mean[[1, 0]], atol=0.05)
        self.choose("latents", "three, in space")
        self.script("for (const id of ['turn', 'tilt']) { element(id).value = 0; element(id).dispatchEvent(new Event('input')); }")
        np.testing.assert_allclose(np.transpose(self.script(bold)), mean[[1, 2]], atol=0.05)
        self.assertIn("latents=3d&axes=1+0+2&turn=0&tilt=0", self.script("return location.hash"))
        self.done()

    def test_views_are_saved(self):
        self.open(self.report, "#unit=1&trial=0:2&heat=1&latents=3d")
        for view in ("unit", "heat", "population", "latents", "losses"):
            svg, png, table = self.browser.execute_script(
                "return ['SVG', 'PNG', 'CSV'].map((f) => formats[f].content(arguments[0])).map((c) => typeof c === 'string' ? c : [...c.slice(0, 24)])", view)
            self.assertTrue(svg.startswith("<svg"), svg[:50])
            self.assertIn("<title>small, ", svg)
            self.assertEqual(bytes(png[:8]), b"\x89PNG\r\n\x1a\n")
            self.assertGreaterEqual(int.from_bytes(bytes(png[16:20]), "big"), 3 * self.script(f"return charts.{view}.getWidth()"))
            rows = list(csv.reader(io.StringIO(table)))
            self.assertEqual({len(row) for row in rows}, {len(rows[0])})
            self.assertGreater(len(rows), 20)
        rows = list(csv.reader(io.StringIO(self.script("return formats.CSV.content('unit')"))))
        self.assertEqual(rows[0][0], "odour")
        values = [float(row[4]) for row in rows if row[:3] == ["sucrose", "3", "inferred (Hz)"]]
        trial = np.flatnonzero(self.trial_taste == 0)[2]
        np.testing.assert_allclose(values, self.rate_hz[trial, 1], atol=np.ptp(self.rate_hz[:, 1]) / 250)
        spikes = sum(row[2] == "spike" for row in rows)
        with h5py.File(self.report.with_name("bins.h5")) as bins:
            self.assertEqual(spikes, sum(int(taste["counts"][:, 1].sum()) for taste in bins["tastes"].values()))
        self.done()

    def test_conditions_are_called_as_the_settings_say(self):
        self.open(self.report)
        self.assertEqual(self.find(".condition-word").text, "Odour")
        self.assertIn("2 odours", self.find("#lead").text)
        self.assertIn("all odours", self.find("#shown").text)

    def test_nobody_is_kept_out(self):
        index, comparison = self.sessions / "out/index.html", self.compare()
        for size, scheme in (((1400, 900), "light"), ((1400, 900), "dark"), ((390, 844), "light")):
            self.emulate(*size, prefers_color_scheme=scheme)
            self.open(self.report, "#trial=0:1&heat=1&latents=3d")
            self.press("ARROW_RIGHT")
            self.assertTrue(self.find("#readout").is_displayed())
            self.assertEqual(self.axe(), [])
            self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), size[0])
            for page in (index, comparison):
                self.open(page)
                self.assertEqual(self.axe(), [])

    def test_dark_screens_and_light_paper(self):
        self.emulate(prefers_color_scheme="dark")
        self.open(self.report)
        colours = "return [getComputedStyle(document.documentElement).backgroundColor, charts.unit.getOption().backgroundColor, theme.ink]"
        self.assertEqual(self.script(colours), ["rgb(23, 25, 28)", "#17191c", "#e8e8e8"])
        self.script("window.dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(self.script(colours), ["rgb(255, 255, 255)", "#ffffff", "#222222"])
        self.emulate(700, 1000, media="print")
        widths = self.script("return [...document.querySelectorAll('canvas')].map((c) => c.getBoundingClientRect().right)")
        self.assertLessEqual(max(widths), 700)
        self.assertFalse(self.find(".menus").is_displayed())
        self.script("window.dispatchEvent(new Event('afterprint'))")
        self.emulate(prefers_color_scheme="light")
        browser.wait_for(self.browser, "return theme.ink === '#222222'")

    def compare(self):
        done = run_stage("plot_rates", self.sessions / "small", "-o", self.sessions / "out", "--compare", self.sessions / "other",
                         *PLOTS)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.sessions / "out/compare.html"

    def test_two_runs_side_by_side(self):
        self.open(self.compare())
        self.assertEqual([cell.text for cell in self.all("table")[0].find_elements("css selector", "tbody th, tbody td")], ["train.steps", "40", "20"])
        scores = [cell.text for cell in self.all("table")[1].find_elements("css selector", "tbody th, tbody td")]
        self.assertEqual(scores[0], "small")
        self.assertEqual(scores[1], self.verdict)
        self.assertTrue(scores[3].startswith(f"{self.bits:.4f} ± "))
        frames, shown = self.all("iframe"), []
        self.browser.switch_to.frame(frames[0])
        browser.wait_for(self.browser, "return document.body && document.body.dataset.ready")
        self.choose("unit", self.options("unit")[3])
        self.browser.switch_to.default_content()
        for frame in frames:
            self.browser.switch_to.frame(frame)
            browser.wait_for(self.browser, "return document.body.dataset.ready && state.unit === 3")
            shown.append(self.find("#shown").text)
            self.browser.switch_to.default_content()
        self.assertEqual(shown[0], shown[1])
        pipeline.PipelineTest.run_fails(self, 2, ["--compare requires --out"], "plot_rates", self.sessions / "small", "--compare", self.sessions / "other")

    def test_the_chart_of_sessions_shows_their_scores(self):
        self.open(self.sessions / "out/index.html")
        self.assertEqual(len(self.all("#scores g")), 1)
        style = {"good": "good", "use with care": "care", "do not use": "not"}[self.verdict]
        self.assertEqual(self.find("#scores g").get_attribute("class"), style)
        ticks = self.script("return [...document.querySelectorAll('#scores .tick, #scores .zero')].map((t) => [Number(t.nextSibling.textContent), Number(t.getAttribute('x1'))])")
        (v0, x0), (v1, x1) = ticks[0], ticks[-1]
        at = float(self.find("#scores g circle").get_attribute("cx"))
        self.assertAlmostEqual(v0 + (at - x0) / (x1 - x0) * (v1 - v0), self.bits, places=3)


class ManyConditions(PageTest):
    def test_rows_of_means_and_a_stated_sample_of_trials(self):
        session = small_session.write(self.folder / "many", small_session.draw_spikes([6] * 12), info=False)
        run_all(self.folder / "out", session)
        report = self.folder / "out/many/report.html"
        self.open(report)
        self.assertEqual(self.heat_maps(), 2)
        self.assertFalse(self.find("#sampled").is_displayed())
        self.choose("taste", self.options("taste")[5])
        self.assertEqual(self.heat_maps(), 0)
        self.done()
        # As if there were ten times the trials, of which it held some.
        report.write_text(report.read_text().replace('"all_trials":6,', '"all_trials":60,'))
        self.open(report)
        self.assertIn("This page holds 72 of 720 trials", self.find("#sampled").text)

    def heat_maps(self):
        return self.script("return charts.unit.getOption().series.filter((s) => s.type === 'custom').length")


if __name__ == "__main__":
    pipeline.main()
