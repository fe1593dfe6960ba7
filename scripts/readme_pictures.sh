#!/usr/bin/env bash
# Makes the pictures of README.md and docs/ anew, from a simulated session; needs the programs, and chromium for the page.
#   readme_pictures.sh [BIN_DIR]     default: build/release/bin
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=$(realpath "${1:-$root/build/release/bin}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
session=$work/rnn_rates_demo out=$work/rnn_rates_demo/rnn_output

"$bin/extract_bins" --simulate "$session"
for stage in extract_bins reduce_pca train_rnn infer_write plot_rates; do "$bin/$stage" -q "$session"; done
"$bin/plot_rates" -q --figure truth --width 180mm "$session"
"$bin/plot_rates" -q --figure psth --width 180mm --units 31 "$session"
cp "$out/plots/print/truth_region_all.png" "$root/docs/true_rates.png"
cp "$out/plots/print/psth/region_all_unit_031.png" "$root/docs/psth.png"
/usr/bin/python3 - "file://$out/report.html" "$root/docs/report.png" <<'PYTHON'
import sys
from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

options = webdriver.ChromeOptions()
for flag in ("--headless=new", "--no-sandbox", "--hide-scrollbars", "--window-size=1400,900"):
    options.add_argument(flag)
browser = webdriver.Chrome(options=options)
browser.get(sys.argv[1])
WebDriverWait(browser, 60).until(lambda b: b.execute_script("return document.body.dataset.ready"))
browser.save_screenshot(sys.argv[2])
browser.quit()
PYTHON
