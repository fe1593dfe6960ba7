"""A test with a page open in a browser: what is on it, and how menus, mouse and keys are used."""
import unittest
from pathlib import Path

import browser
import pipeline
from pipeline import BIN

#: What npm installs for tests, beside the charting library.
AXE = BIN.parent / "lib/plot/charts/node_modules/axe-core/axe.min.js"


class PageTest(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        if not self.has_charts():
            raise unittest.SkipTest("this build has no charting library")
        self.browser = browser.start(self)

    @staticmethod
    def has_charts():
        return b"echarts" in (BIN / "plot_rates").read_bytes()

    def open(self, page, fragment=""):
        self.browser.get("about:blank")
        browser.requests(self.browser)
        self.page = Path(page).resolve()
        self.browser.get(self.page.as_uri() + fragment)
        browser.wait_for(self.browser, "return !document.getElementById('data') || document.body.dataset.ready")

    def done(self):
        """Nothing but the page was asked for, and the console is silent."""
        self.assertEqual({url.split("#")[0] for url in browser.requests(self.browser)}, {self.page.as_uri()[:200]})
        self.assertEqual(browser.console(self.browser), [])

    def find(self, css):
        from selenium.webdriver.common.by import By
        return self.browser.find_element(By.CSS_SELECTOR, css)

    def choose(self, menu, text):
        from selenium.webdriver.support.ui import Select
        Select(self.find(f"#{menu}")).select_by_visible_text(text)

    def options(self, menu):
        return self.browser.execute_script(f"return [...document.getElementById('{menu}').options].map((o) => o.text)")

    def press(self, key):
        from selenium.webdriver.common.keys import Keys
        self.find("#unit-chart").send_keys(getattr(Keys, key, key))

    def hover(self, time_ms):
        """Moves the mouse to a time in the panel of inferred rates; returns the readout, {row: [counted, boxcar, rnn]}."""
        from selenium.webdriver import ActionChains
        chart = self.find("#unit-chart")
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'end'})", chart)
        x, y = self.browser.execute_script(
            f"return charts.unit.convertToPixel({{gridIndex: rnnGrid}}, [{time_ms}, 1])")
        size = chart.size
        ActionChains(self.browser).move_to_element_with_offset(chart, x - size["width"] / 2,
                                                               y - size["height"] / 2).perform()
        return self.readout()

    def readout(self):
        rows = self.browser.execute_script(
            "return [...document.querySelectorAll('#values tr')].map((row) => [...row.cells].map((c) => c.textContent))")
        return {row[0]: row[1:] for row in rows}

    def axe(self):
        """What axe-core finds wrong with the page as it is: [rule, first element]."""
        if not AXE.exists():
            raise unittest.SkipTest("npm has not installed axe-core")
        self.browser.set_script_timeout(60)
        self.browser.execute_script(AXE.read_text())
        return self.browser.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run().then(({ violations }) => done(violations.map((v) => [v.id, v.nodes[0].html.slice(0, 200)])))")

    def emulate(self, width=1400, height=900, **media):
        """A screen of this size, and media features such as prefers_color_scheme="dark"."""
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                     {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "media": media.pop("media", ""), "features": [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]})

    def script(self, text):
        return self.browser.execute_script(text)
