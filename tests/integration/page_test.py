"""report.html and index.html in a real browser, what they show against what rates.h5 and bins.h5 hold."""
import json
import re
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

FEW_STEPS = ["--set", "train.steps=200", "--set", "train.validate_every=50"]
EVIL = "<script>window.evil=1</script>\"><img src=x onerror=window.evil=1>'"

#: Lowest contrast of any text with what is behind it (WCAG 2.1, 1.4.3).
CONTRASTS = """
const channel = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const parts = (text) => text.match(/[\\d.]+/g).map(Number);
const behind = (node) => { for (; node; node = node.parentElement) { const c = parts(getComputedStyle(node).backgroundColor);
  if (c.length === 3) return c; } return [255, 255, 255]; };
return [...document.querySelectorAll("body *")].filter((node) => node.offsetParent &&
    [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())).map((node) => {
  const [a, b] = [light(parts(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
  return [(a + 0.05) / (b + 0.05), node.textContent.slice(0, 40)]; }).sort((a, b) => a[0] - b[0])[0];
"""


def run_all(out, *sessions):
    for stage in STAGES:
        done = run_stage(stage, *sessions, "-o", out, "--set", "plots.select=['mean_rates']", "--set", "fits.separate_regions=false",
                         *FEW_STEPS)
        assert done.returncode == 0, done.stderr


class Session(PageTest):
    """A simulated session of 4 tastes, 40 units and 120 trials, and a recording where one is at hand."""

    @classmethod
    def setUpClass(cls):
        cls.sessions = Path(tempfile.mkdtemp(prefix="rnn_rates_test."))
        cls.addClassCleanup(shutil.rmtree, cls.sessions, ignore_errors=True)
        names = ["simulated"]
        done = run_stage("extract_bins", "--simulate", cls.sessions / "simulated")
        assert done.returncode == 0, done.stderr
        try:
            pipeline.make_sessions(cls.sessions, "locust")
            names.append("locust")
        except unittest.SkipTest:
            pass
        cls.out = cls.sessions / "out"
        run_all(cls.out, *(cls.sessions / name for name in names))
        cls.names = names

    def expected(self, session, unit, taste, time_ms):
        """Counted, boxcar and inferred rates (trial) of a unit in the bin that holds a time, in Hz, by numpy."""
        with h5py.File(self.out / session / "bins.h5") as bins, h5py.File(self.out / session / "rates.h5") as rates:
            counts = bins[f"tastes/{taste:03}/counts"][:, unit].astype(float)
            edges = bins["bin_edges_ms"][:] - bins["stim_ms"][()]
            fit = rates["rnn_output/regions/region_all_taste_all"]
            rnn, times = fit["rate_hz"][:][fit["trial_taste"][:] == taste, unit], fit["time_ms"][:]
        bin_ms = edges[1] - edges[0]
        at = int(np.searchsorted(edges, time_ms, "right")) - 1
        width = round(250 / bin_ms)
        window = np.ones(width)
        seen = np.convolve(np.ones(counts.shape[1]), window, "same")
        boxcar = np.stack([np.convolve(trial, window, "same") / seen for trial in counts]) * 1000 / bin_ms
        return counts[:, at] * 1000 / bin_ms, boxcar[:, at], rnn[:, int(np.argmin(np.abs(times - time_ms)))], rnn

    def check_values(self, session, unit, row, taste, time_ms, trial=None):
        *expected, all_rnn = self.expected(session, unit, taste, time_ms)
        bits = self.browser.execute_script(f"return page.regions[0].tastes[{taste}].rnn.packed.bits")
        step = (all_rnn.max() - all_rnn.min()) / (2 ** bits - 1)
        self.assertGreater(np.ptp(all_rnn), 0)
        for text, values in zip(row, expected):
            shown = [float(part) for part in re.findall(r"-?[\d.]+", text)]
            wanted = [values[trial]] if trial is not None else [values.mean(), values.std(ddof=1)]
            np.testing.assert_allclose(shown, wanted, rtol=0, atol=0.00501 + step)

    def test_values_under_the_mouse_are_those_of_the_files(self):
        for session in self.names:
            self.open(self.out / session / "report.html")
            tastes = self.options("taste")[1:]
            for unit in (0, 7):
                self.choose("unit", self.options("unit")[unit])
                self.assertIn(f"unit {unit:03}", self.find("#shown").text)
                for time_ms in (-207, 640, 2460):
                    readout = self.hover(time_ms)
                    self.assertEqual(list(readout), [f"{name}, mean ± sd" for name in tastes])
                    for taste, row in enumerate(readout.values()):
                        self.check_values(session, unit, row, taste, time_ms)
            self.done()

    def test_one_trial_of_one_taste(self):
        self.open(self.out / "simulated" / "report.html")
        self.choose("taste", self.options("taste")[3])
        self.choose("trial", self.options("trial")[12])
        self.choose("unit", "unit 001")
        row = list(self.hover(333).values())[0]
        self.check_values("simulated", 1, row, 2, 333, trial=11)
        with h5py.File(self.out / "simulated/bins.h5") as bins:
            trials = [len(bins[f"tastes/{taste:03}/counts"]) for taste in range(3)]
            truth = bins["true_rate_hz"][sum(trials[:2]) + 11, 1]
            at = int((333 + 500) // 25)
        self.assertAlmostEqual(float(self.readout()["its true rate"][2]), truth[at], delta=0.01 + 40 / 255)
        self.done()

    def test_what_is_drawn_is_what_was_packed(self):
        self.open(self.out / "simulated" / "report.html", "#unit=3&taste=1&trial=1:4")
        with h5py.File(self.out / "simulated/rates.h5") as rates:
            fit = rates["rnn_output/regions/region_all_taste_all"]
            trial = np.flatnonzero(fit["trial_taste"][:] == 1)[4]
            rnn, latents = fit["rate_hz"][trial, 3], fit["latent_factors"][:][trial, 2]
            rnn_range, latent_range = np.ptp(fit["rate_hz"][:, 3]), np.ptp(fit["latent_factors"][:, 2])
        drawn = self.browser.execute_script(
            "return charts.unit.getOption().series.filter((s) => s.lineStyle && s.lineStyle.width === 3"
            " && s.xAxisIndex === rnnGrid)[0].data.map((p) => p[1])")
        self.assertEqual(len(drawn), len(rnn))
        np.testing.assert_allclose(drawn, rnn, atol=rnn_range / 255)
        drawn = self.browser.execute_script("return charts.latents.getOption().series[3].data.map((p) => p[1])")
        np.testing.assert_allclose(drawn, latents, atol=latent_range / 255)
        with h5py.File(self.out / "simulated/models/region_all_taste_all_fold_1.h5") as model:
            steps, losses = model["validation_steps"][:], model["validation_loss"][:]
        drawn = self.browser.execute_script("return charts.losses.getOption().series[4].data")
        np.testing.assert_allclose(drawn, np.stack([steps, losses], axis=1), rtol=1e-6)
        self.done()

    def test_every_spike_has_a_mark_at_its_time(self):
        for session in self.names:
            self.open(self.out / session / "report.html", "#unit=5")
            with h5py.File(self.out / session / "bins.h5") as bins:
                counts = np.concatenate([taste["counts"][:] for taste in bins["tastes"].values()])
                starts = np.broadcast_to(bins["bin_edges_ms"][:-1] - bins["stim_ms"][()] + 0.5, counts.shape)
                ms = np.repeat(starts.ravel(), counts.ravel()) + bins["spikes/ms_in_bin"][:]
            trains = np.split(ms, counts.sum(2).cumsum()[:-1])[5::counts.shape[1]]
            expected = [[time, row + 1] for row, train in enumerate(trains) for time in train]
            self.assertGreater(len(expected), 100)
            drawn = self.browser.execute_script(
                "return charts.unit.getOption().series.filter((s) => s.type === 'scatter').flatMap((s) => s.data)")
            np.testing.assert_allclose(drawn, expected, atol=1e-6)
            self.done()

    def test_panels_keep_their_place_whatever_their_labels(self):
        self.open(self.out / "simulated" / "report.html")
        lefts = self.browser.execute_script(
            "charts.unit.setOption({ yAxis: [{ axisLabel: { formatter: () => '1,234,567' } }, {}, {}] });"
            "return [0, 1, 2].map((grid) => charts.unit.convertToPixel({ gridIndex: grid }, [0, 1])[0])")
        self.assertEqual(lefts, [lefts[0]] * 3)

    def test_the_wheel_scrolls_the_page_and_zooms_with_ctrl(self):
        from selenium.webdriver import ActionChains
        from selenium.webdriver.common.action_chains import ScrollOrigin
        from selenium.webdriver.common.keys import Keys
        self.open(self.out / "simulated" / "report.html")
        chart = self.find("#unit-chart")
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'start'})", chart)
        top = self.browser.execute_script("return window.scrollY")
        wheel = ScrollOrigin.from_element(chart)
        ActionChains(self.browser).scroll_from_origin(wheel, 0, 200).perform()
        browser.wait_for(self.browser, f"return window.scrollY > {top} + 100")
        self.assertEqual(self.browser.execute_script("return [zoom.start, zoom.end]"), [0, 100])
        ActionChains(self.browser).key_down(Keys.CONTROL).scroll_from_origin(wheel, 0, -200).key_up(Keys.CONTROL).perform()
        browser.wait_for(self.browser, "return zoom.end - zoom.start < 99")

    def test_the_cursor_is_drawn_only_where_its_time_is_shown(self):
        self.open(self.out / "simulated" / "report.html")
        status = "return charts.unit.getOption().xAxis.map((axis) => axis.axisPointer.status)"
        self.hover(640)
        self.assertEqual(self.browser.execute_script(status), ["show"] * 3)
        self.browser.execute_script("charts.unit.dispatchAction({ type: 'dataZoom', start: 60, end: 80 })")
        self.assertEqual(self.browser.execute_script(status), ["hide"] * 3)
        self.browser.execute_script("charts.unit.dispatchAction({ type: 'dataZoom', start: 0, end: 100 })")
        self.hover(640)
        from selenium.webdriver import ActionChains
        self.assertIn("637.5 ms", self.find("#time").text)
        ActionChains(self.browser).move_to_element(self.find("h1")).perform()
        self.assertIn("Point at a panel", self.find("#time").text)

    def test_the_link_keeps_all_that_is_chosen(self):
        fragment = "#region=0&unit=3&taste=1&trial=1:4&show=trials&zoom=20:45.5&z=1&log=0&heat=1"
        self.open(self.out / "simulated" / "report.html", fragment)
        browser.wait_for(self.browser, f"return location.hash === '{fragment}'")
        shown = self.browser.execute_script(
            "const z = charts.unit.getOption().dataZoom[0];"
            "return [z.start, z.end, element('show').value, element('z').checked, element('log').checked, element('heat-section').open]")
        self.assertEqual(shown, [20, 45.5, "trials", True, False, True])
        self.press("ESCAPE")
        self.assertEqual(self.browser.execute_script("return location.hash"), fragment.replace("&trial=1:4", ""))

    def test_the_verdict_comes_first(self):
        self.open(self.out / "simulated" / "report.html")
        with h5py.File(self.out / "simulated/rates.h5") as rates:
            verdict, why = rates["verdicts/region_all_taste_all"].asstr()[:]
        self.assertEqual(self.find("h1 + *").text, f"{verdict} {why}")

    def test_keyboard_alone(self):
        self.open(self.out / "simulated" / "report.html")
        self.press("ARROW_RIGHT")
        first = self.find("#time").text
        self.press("ARROW_RIGHT")
        self.assertEqual([first.split(" ms")[0], self.find("#time").text.split(" ms")[0]], ["At 12.5", "At 37.5"])
        self.press("ARROW_DOWN")
        self.assertEqual(self.find("#trial").get_attribute("value"), "0:0")
        self.press("+")
        zoom = self.browser.execute_script("const z = charts.unit.getOption().dataZoom[0]; return [z.start, z.end]")
        # About the cursor, at 37.5 of -500 to 2500 ms.
        np.testing.assert_allclose(zoom, [537.5 / 60, 50 + 537.5 / 60])
        self.press("ESCAPE")
        self.assertEqual(self.find("#trial").get_attribute("value"), "")
        self.done()

    def test_everything_has_a_name_and_can_be_read(self):
        for page in ("simulated/report.html", "index.html"):
            self.open(self.out / page)
            nameless = self.browser.execute_script(
                "return [...document.querySelectorAll('select, input, button, a, img, .chart')].filter((e) =>"
                " !(e.labels && e.labels.length) && !e.textContent.trim() && !e.alt && !e.ariaLabel).map((e) => e.id)")
            self.assertEqual(nameless, [])
            contrast, text = self.browser.execute_script(CONTRASTS)
            self.assertGreaterEqual(contrast, 4.5, text)
            self.done()

    def test_pages_are_small_and_their_files_are_there(self):
        self.assertLess((self.out / "simulated/report.html").stat().st_size, 5e6)
        self.open(self.out / "simulated/report.html")
        links = self.browser.execute_script("return [...document.querySelectorAll('a')].map((a) => a.getAttribute('href'))")
        self.assertIn("../index.html", links)
        self.assertIn("plots/mean_rates_region_all.png", links)
        for link in links:
            self.assertTrue((self.out / "simulated" / link).exists(), link)

    def test_the_table_of_sessions_sorts_and_leads_to_them(self):
        self.open(self.out / "index.html")
        from selenium.webdriver.common.by import By
        heads = self.browser.find_elements(By.CSS_SELECTOR, "th button")
        names = [head.text for head in heads]

        def column(index):
            return self.browser.execute_script(
                f"return [...document.querySelectorAll('tbody tr')].map((row) => row.cells[{index}].textContent)")

        units = names.index("units")
        heads[units].click()
        self.assertEqual(column(units), sorted(column(units), key=float))
        heads[units].click()
        self.assertEqual(column(units), sorted(column(units), key=float, reverse=True))
        with h5py.File(self.out / "simulated/rates.h5") as rates:
            score = rates["metrics/session/true_r2_published"][()]
            verdict = rates["verdicts/region_all_taste_all"].asstr()[0]
            bits, error = (rates[f"metrics/region_all_taste_all/bits_per_hidden_spike{end}"][()] for end in ("", "_standard_error"))
        row = column(0).index("simulated")
        self.assertAlmostEqual(float(column(names.index("true_r2_published"))[row]), score, places=3)
        self.assertEqual(column(names.index("verdict"))[row], verdict)
        self.assertEqual(column(names.index("bits_per_hidden_spike"))[row], f"{bits:.4g} ± {error:.2g}")
        self.done()
        from selenium.webdriver.support.ui import WebDriverWait
        self.find("tbody a").click()
        WebDriverWait(self.browser, 20).until(lambda b: b.current_url.split("#")[0].endswith("/simulated/report.html"))


class Evil(PageTest):
    def test_names_from_files_are_text(self):
        session = small_session.write(self.folder / "session & <b>")
        info_path = session / f"{session.name}.info"
        info = json.loads(info_path.read_text())
        info["taste_params"]["tastes"] = [EVIL, "{{SCRIPTS}}</script><!--"]
        info_path.write_text(json.dumps(info))
        for stage in STAGES:
            self.run_ok(stage, session, "-o", self.folder / "out", *small_session.flags())
        for page in (f"{session.name}/report.html", "index.html"):
            self.open(self.folder / "out" / page)
            self.assertIsNone(self.browser.execute_script("return window.evil ?? null"))
            self.assertEqual(self.find("h1").text, "out" if page == "index.html" else session.name)
            self.assertEqual(self.browser.execute_script("return document.querySelectorAll('b, body img[src=x]').length"), 0)
            if page != "index.html":
                self.assertEqual(self.options("taste"), ["all", EVIL, "{{SCRIPTS}}</script><!--"])
                self.hover(100)
                self.assertIn(EVIL + ", mean ± sd", self.readout())
            self.done()

    def test_the_policy_stops_a_script_that_got_in(self):
        session = small_session.write(self.folder / "session")
        for stage in STAGES:
            self.run_ok(stage, session, "-o", self.folder / "out", *small_session.flags())
        page = self.folder / "out/session/report.html"
        text = page.read_text()
        page.write_text(text.replace("<main>", "<script>window.evil = 1</script><img src='https://example.org/x.png'><main>", 1))
        self.open(page)
        self.assertIsNone(self.browser.execute_script("return window.evil ?? null"))
        said = " ".join(browser.console(self.browser))
        self.assertIn("script-src", said)
        self.assertIn("img-src", said)
        self.assertEqual([url for url in browser.requests(self.browser) if url.startswith("https:")], [])


if __name__ == "__main__":
    pipeline.main()
