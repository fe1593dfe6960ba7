"""The five programs: where they are, what they are told, and how far they are."""
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

STAGES = ("extract_bins", "reduce_pca", "train_rnn", "infer_write", "plot_rates")
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
LOGGED = re.compile(r"\d\d:\d\d:\d\d \w+ (info|warning|error): (.*)")
COUNTED = re.compile(r"(\d+) of (?:at most )?(\d+) .*")


class Error(RuntimeError):
    """A program failed. `code` is its exit code, which says who must act (docs/troubleshooting.md)."""

    def __init__(self, message, code):
        super().__init__(message)
        self.code = code


def program(name, search_path=True):
    """Path of a program: in the folder RNN_RATES_BIN, in this package, or on the PATH. Raises Error where it is in none."""
    folders = [os.environ.get("RNN_RATES_BIN"), str(Path(__file__).parent / "bin"), search_path and os.environ.get("PATH")]
    found = shutil.which(name, path=os.pathsep.join(filter(None, folders)))
    if found is None:
        raise Error(f"the program {name} was not found. Put it on the PATH, or name its folder in the variable RNN_RATES_BIN.", 5)
    return found


def become():
    """Replaces this process by the program that it was called as: the package's commands extract_bins and so on."""
    found = program(Path(sys.argv[0]).name, search_path=False)
    os.execv(found, [found, *sys.argv[1:]])


def config_path(config):
    """The settings file `config`: a path, or "best", "causal" or "reference" for those that come with the programs."""
    if config not in ("best", "causal", "reference"):
        return config
    root = Path(program("extract_bins")).resolve().parents[1]
    places = [root / "share/rnn-rates/configs", Path(__file__).parents[2] / "configs"]  # installed, or of this checkout
    return next((place for place in places if place.is_dir()), places[0]) / f"{config}.toml"


def settings_flags(settings=None, config=None):
    """Flags for {key: value} over the file or preset `config`. Values are written as JSON, which for these is TOML."""
    words = ["-c", config_path(config)] if config else []
    for key, value in (settings or {}).items():
        words += ["--set", f"{key}={json.dumps(value, ensure_ascii=False, default=lambda number: number.item())}"]
    return words


def listed_sessions(arguments):
    """What the programs take `arguments` to name: a dictionary for each session, with its folder of results as "out"."""
    listing = subprocess.run([program("extract_bins"), "--list-sessions", "--json", *map(str, arguments)],
                             capture_output=True, text=True)
    if listing.returncode != 0:
        errors = [message for kind, message in LOGGED.findall(listing.stderr) if kind == "error"]
        raise Error("; ".join(errors) or listing.stderr.strip(), listing.returncode)
    return json.loads(listing.stdout)["sessions"]


def call(stage, arguments, hidden=False):
    """Runs a program whose log goes to stderr, or nowhere. Returns its exit code and its --json report, None if it made
    none. What would stop this process is passed on to the program, once, which saves its work and ends."""
    with tempfile.TemporaryFile() as report:
        child = subprocess.Popen([program(stage), "--json", *map(str, arguments)], stdout=report, start_new_session=True,
                                 stderr=subprocess.DEVNULL if hidden else None)
        stops = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
        before = [signal.signal(number, lambda received, _: child.send_signal(received)) for number in stops]
        code = child.wait()
        for number, handler in zip(stops, before):
            signal.signal(number, handler)
        report.seek(0)
        text = report.read()
    return (code if code >= 0 else 128 - code), (json.loads(text) if text.strip() else None)


def _lines(descriptor):
    """What a program writes to its terminal, line by line as it comes, also what it overwrites."""
    pending = b""
    while True:
        try:
            chunk = os.read(descriptor, 1 << 16)
        except OSError:  # how Linux tells that the other end was closed
            chunk = b""
        *whole, pending = re.split(rb"[\r\n]+", pending + chunk + (b"" if chunk else b"\n"))
        yield from (ESCAPES.sub("", line.decode("utf-8", "replace")) for line in whole)
        if not chunk:
            return


def run(stage, arguments, say):
    """Runs a program to its end, and calls `say` with words and the share that is done. Returns its warnings. Raises
    Error. An interrupt stops it with its work saved."""
    ours, its = pty.openpty()
    # On a terminal of its own it draws its bar, and is hung up on when this process is killed.
    child = subprocess.Popen([program(stage), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=its, start_new_session=True, preexec_fn=lambda: os.close(os.open(os.ttyname(2), os.O_RDWR)))
    os.close(its)
    said = {"info": [], "warning": [], "error": []}
    try:
        for line in _lines(ours):
            logged, counted = LOGGED.search(line), COUNTED.search(line)
            if logged:
                said[logged[1]].append(logged[2])
            elif counted:
                say(counted[0], int(counted[1]) / max(int(counted[2]), 1))
        code = child.wait()
    except KeyboardInterrupt:
        child.send_signal(signal.SIGINT)
        child.wait()
        raise
    finally:
        os.close(ours)
    if code != 0:
        raise Error("; ".join(said["error"]) or f"{stage} ended with {code}", code if code > 0 else 128 - code)
    return said["warning"]
