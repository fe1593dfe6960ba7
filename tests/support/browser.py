"""A headless Chromium for tests of pages, and what it noticed; a skip where Debian's Chromium or Selenium is absent."""
import json
import shutil
import unittest


def start(test):
    """A browser that ends with the test."""
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        raise unittest.SkipTest("python3-selenium is not installed")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        raise unittest.SkipTest("chromium and chromium-driver are not installed")
    options = Options()
    options.binary_location = chromium
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--window-size=1500,1400", "--disable-background-networking", "--disable-component-update"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(service=Service(driver), options=options)
    test.addCleanup(browser.quit)
    return browser


def wait_for(browser, script):
    """Until the script returns something true."""
    from selenium.webdriver.support.ui import WebDriverWait
    WebDriverWait(browser, 20).until(lambda b: b.execute_script(script))


def console(browser):
    """What the console said, at any level, since the last call."""
    return [entry["message"] for entry in browser.get_log("browser")]


def requests(browser):
    """Addresses that were asked for since the last call, cut to 200 characters: neither data in the page itself nor
    what its security policy kept from being sent."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    stopped = {m["params"]["requestId"] for m in messages
               if m["method"] == "Network.loadingFailed" and m["params"].get("blockedReason") == "csp"}
    asked = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    urls = [a["request"]["url"][:200] for a in asked if a["requestId"] not in stopped]
    return [url for url in urls if not url.startswith("data:")]
