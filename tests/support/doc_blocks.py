"""Runs the commands and snippets of a page of documentation, in order, as a reader would."""
import os
import re
import shutil
import subprocess

import pipeline


def prepare(folder, steps=20):
    """Gives `folder` the configs/ that pages name, with fewer steps of training, and the simulated my_session."""
    shutil.copytree(pipeline.SOURCE / "configs", folder / "configs")
    reference = folder / "configs/reference.toml"
    reference.write_text(re.sub(r"steps = 15000", f"steps = {steps}", reference.read_text()))
    done = pipeline.run_stage("extract_bins", "--simulate", folder / "my_session")
    assert done.returncode == 0, done.stderr


def blocks(page):
    """(language, text) of the bash and python blocks of `page`."""
    return re.findall(r"^```(bash|python)\n(.*?)^```", page.read_text(), re.M | re.S)


def run(page, folder, pythons=None, skip=()):
    """Runs the bash and python blocks of `page` in `folder`; returns how many there were. `skip` holds blocks that run
    elsewhere, by their whole text or a word in them; `pythons` names the Python, for blocks with some word, that is not
    Debian's. Raises AssertionError with the block that fails."""
    environment = {**os.environ, "PATH": f"{pipeline.BIN}:{os.environ['PATH']}"}
    ran = 0
    for language, text in blocks(page):
        if any(word in text for word in skip):
            continue
        python = next((path for word, path in (pythons or {}).items() if word in text), "/usr/bin/python3")
        program = ["bash", "-euo", "pipefail", "-c"] if language == "bash" else [python, "-c"]
        done = subprocess.run([*program, text], cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{page.name}:\n{text}\n{done.stdout}\n{done.stderr}"
        ran += 1
    return ran
