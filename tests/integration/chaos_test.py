#!/usr/bin/env python3
"""All five programs in disorder: random commands, folders, links, limits and signals on three recordings. None of these is ever
changed but by --publish, and then in nothing but /rnn_output; results that have their name are whole; every program ends, with a
code that it documents.

    chaos_test.py [SECONDS [SEED]]      a minute, as CTest runs it; the seed is printed

A batch is what runs at once; where something is wrong, its commands are printed and the folder is kept.
"""
import hashlib
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import h5py
import numpy as np

import pipeline
import small_session
from content_digest import content_digest
from pipeline import BIN, STAGES

CODES = {0, 2, 3, 4, 5, 6, 7, 8, 75}
SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGKILL, signal.SIGSTOP]
SETTINGS = ["train.steps=1", "train.steps=2000", "train.steps=-1", "fits.separate_tastes=true", "fits.separate_regions=true", "bin_ms=50",
            "time_lims_ms=[0, 5000]", "seed=3", "plots.select=['losses']", "plots.format='pdf'", "checkpoint.every_s=0", "no.such=1",
            "model.kind='masked_gru'", "infer.combine_with=['gpfa']"]
FLAGS = ["--force", "-n", "--keep-going", "--wait", "--verify", "-q", "-v", "--json", "--threads=2", "--shard=0/2", "--allow-external",
         "--list-sessions", "--print-config", "--wall-limit=00:00:01", "--no-such-flag"]
OWN_FLAGS = {"extract_bins": [["--simulate", "rat"], ["--simulate", "sim"], ["--simulate", "bins"], ["--input", "rat.h5"]],
             "infer_write": [["--publish"]] * 4 + [["--nwb"], ["--baselines"], ["--publish", "--input", "bins.h5"]],
             "plot_rates": [["--figure", "losses"]]}
SESSIONS = ["rat", "rat/rat.h5", "bins", "bins/bins.h5", "cell.nwb", "link", "also.h5", "rat/rnn_output", "[rb]*", "nowhere", "."]
OUTS = [None, None, None, "out", "out", "out2", ".", "rat", "rat/rnn_output", "link/rnn_output", "cell.nwb", "sessions.tsv"]
#: How a shell starts a program: limits, streams that are closed or take nothing, rights of new files.
SURROUNDINGS = [""] * 12 + ["ulimit -n {}".format(n) for n in (4, 5, 6, 8, 12)] + ["ulimit -f {}".format(n) for n in (0, 1, 8, 64)] + [
    "exec >&-", "exec 2>&-", "exec <&- >&- 2>&-", "exec >/dev/full", "umask 077"]


class Wrong(Exception):
    pass


def digest_of_recording(path):
    """Of all objects and attributes of a recording less what --publish puts there."""
    digest = hashlib.sha256()

    def add(name, node):
        if name.split("/")[0] == "rnn_output":
            return
        digest.update(repr((name, sorted((key, str(value)) for key, value in node.attrs.items()))).encode())
        if isinstance(node, h5py.Dataset):
            digest.update(repr((node.dtype, node.shape)).encode() + np.asarray(node[()]).tobytes())

    with h5py.File(path) as file:
        add("", file)
        file.visititems(add)
        if "rnn_output" in file:
            file["rnn_output"].visititems(lambda name, node: node[()] if isinstance(node, h5py.Dataset) else None)
    return digest.hexdigest()


def state(path):
    status = path.lstat()
    return status.st_ino, status.st_size, status.st_mtime_ns


class Chaos:
    def __init__(self, folder, seed):
        self.folder, self.random = folder, random.Random(seed)
        self.batches = self.runs = 0
        self.seen, self.codes = {}, {}
        small_session.write(folder / "rat")
        small_session.write_spike_times(folder / "bins")
        small_session.write_nwb(folder / "cell.nwb")
        (folder / "link").symlink_to("rat")
        (folder / "also.h5").symlink_to("bins/bins.h5")
        (folder / "sessions.tsv").write_text("path\tid\ttrain.steps\nrat\tone\t30\nbins\tindex.html\ncell.nwb\nnowhere\n")
        (folder / "small.tsv").write_text("rat\tone\ncell.nwb\ttwo\nbins\n")
        os.mkfifo(folder / "fifo")
        self.recordings = [folder / "rat/rat.h5", folder / "bins/bins.h5"]
        self.unchanging = {path: path.read_bytes() for path in folder.rglob("*")
                           if path.is_file() and not path.is_symlink() and path not in self.recordings}
        self.digests = {path: digest_of_recording(path) for path in self.recordings}
        self.bytes = {path: path.read_bytes() for path in self.recordings}

    def command(self):
        pick, chance = self.random.choice, self.random.random
        stage = pick([*STAGES, "infer_write"])
        if chance() < 0.5:  # What people mean to do.
            publish = ["--publish"] if stage == "infer_write" and chance() < 0.5 else []
            return [str(BIN / stage), *self.random.sample(["rat", "bins"], pick([1, 2])), *small_session.flags(), "--wait", *publish,
                    *pick([[], ["--force"], ["-o", "out"]])]
        words = pick([[pick(SESSIONS)], [pick(SESSIONS[:5]), pick(SESSIONS)], ["rat", "bins", "cell.nwb"], ["--manifest", "small.tsv"],
                      ["--manifest", pick(["sessions.tsv", "/dev/zero", "fifo", "rat/rat.h5", "."])]])
        words = words + small_session.flags()
        if chance() < 0.05:
            words += ["-c", pick(["/dev/zero", "fifo", "rat/rat.h5", ".", "/dev/null"])]
        if out := pick(OUTS):
            words += ["-o", out]
        for setting in self.random.sample(SETTINGS, pick([0, 0, 0, 1, 1, 2])):
            words += ["--set", setting]
        words += self.random.sample(FLAGS, pick([0, 0, 1, 1, 2]))
        if stage in OWN_FLAGS and chance() < 0.6:
            words += pick(OWN_FLAGS[stage])
        return [str(BIN / stage), *words]

    def start(self, command):
        surroundings = self.random.choice(SURROUNDINGS)
        log = open(self.folder / "said", "a+b")
        process = subprocess.Popen(["bash", "-c", f'ulimit -c 0; {surroundings or ":"}; exec "$@"', "-", *command], cwd=self.folder,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        log.close()
        process.words = shlex.join([surroundings or ":", *command])
        process.sent = self.random.choice([None, *SIGNALS])
        process.at = time.monotonic() + self.random.choice([0.02, 0.2, 1.0]) * self.random.random()
        return process

    def end(self, process):
        time.sleep(max(0.0, process.at - time.monotonic()))
        if process.sent and process.poll() is None:
            process.send_signal(process.sent)
            if process.sent == signal.SIGSTOP:
                time.sleep(0.1)
                process.send_signal(signal.SIGCONT)
        for patience in (20, 60):  # Some wait for others; then all are asked to stop.
            try:
                code = process.wait(patience)
                break
            except subprocess.TimeoutExpired:
                process.sent = signal.SIGTERM
                process.send_signal(process.sent)
        else:
            process.kill()
            raise Wrong(f"does not end: {process.words}")
        self.codes[code] = self.codes.get(code, 0) + 1
        if code not in CODES and code != -(process.sent or 0):
            raise Wrong(f"ended with {code}: {process.words}")

    def meddle(self):
        """What others do to results, and to a recording, while nothing runs."""
        pick = self.random.choice
        results = [path for path in self.folder.rglob("*") if path.suffix in (".h5", ".json", ".html", ".lock") and not path.is_dir()
                   and path not in self.recordings and path not in self.unchanging and path.parent != self.folder]
        what = pick(["file", "file", "folder", "recording", "lock"])
        if what == "file" and results:
            path = pick(sorted(results))
            how = pick(["cut", "link", "hard link", "folder", "pipe", "gone"])
            if how == "cut" and path.is_file() and not path.is_symlink() and path.stat().st_nlink == 1:
                os.truncate(path, path.stat().st_size // 2)
                self.seen[path] = state(path)
                return
            path.unlink()
            if how == "link":
                path.symlink_to(pick(self.recordings))
            elif how == "folder":
                path.mkdir()
            elif how == "pipe":
                os.mkfifo(path)
            elif how == "hard link":
                os.link(pick(self.recordings), path)
        elif what == "folder":
            shutil.rmtree(self.folder / pick(["out", "out2", "rat/rnn_output", "bins/rnn_output", "rnn_output", "sim"]), ignore_errors=True)
        elif what == "recording":
            path = pick(self.recordings)
            with h5py.File(path, "a") as file:
                file.attrs["note"] = self.batches
            self.digests[path], self.bytes[path] = digest_of_recording(path), path.read_bytes()
        elif what == "lock" and (self.folder / "out/rat").is_dir():
            lock = self.folder / "out/rat/.rnn_rates.lock"
            if lock.is_symlink() or not lock.is_dir():
                lock.unlink(missing_ok=True)  # It may be a link to a recording by now.
                lock.write_bytes(pick([b"", b"\0" * 100, b"job\nhost\n1 2\nnow\n"]))

    def check(self, published):
        for path, content in self.unchanging.items():
            if path.read_bytes() != content:
                raise Wrong(f"{path} was changed")
        for path in self.recordings:
            if path.is_symlink() or not path.is_file():
                raise Wrong(f"{path} is no file any more")
            if path.read_bytes() == self.bytes[path]:
                continue
            if not published or digest_of_recording(path) != self.digests[path]:
                raise Wrong(f"{path} was changed")
            self.bytes[path] = path.read_bytes()
        said = (self.folder / "said").read_bytes()
        (self.folder / "said").write_bytes(b"")
        if b"internal error" in said:
            raise Wrong(said.decode(errors="replace"))
        self.check_results()

    def check_results(self):
        for path in self.folder.rglob("*.h5"):
            if path.name.startswith(".") or path in self.recordings or path.is_symlink() or not path.is_file() or path.stat().st_nlink > 1:
                continue
            if self.seen.get(path) == state(path) or path.parent.name in ("sim", self.folder.name):
                continue
            with h5py.File(path) as file:
                whole = file.attrs["complete"] == 1 and file.attrs["content_digest"].decode() == content_digest(path)
            if not whole:
                raise Wrong(f"{path} is not whole")
            self.seen[path] = state(path)

    def batch(self):
        self.batches += 1
        commands = [self.command() for _ in range(self.random.choice([1, 1, 2, 3]))]
        self.runs += len(commands)
        running = [self.start(command) for command in commands]
        try:
            for process in running:
                self.end(process)
            self.check(any("--publish" in command for command in commands))
        except (Wrong, OSError, KeyError) as wrong:
            raise Wrong("\n".join([f"batch {self.batches}: {wrong!r}", *(process.words for process in running)])) from wrong
        finally:
            for process in running:
                if process.poll() is None:
                    process.kill()
                    process.wait()
        if self.random.random() < 0.2:
            self.meddle()

    def finish(self):
        """After all that, each recording gives what it gave at first, and nothing is left beside it."""
        # What a killed run left in folders of results, the next run there would take away.
        for folder in [*self.folder.glob("*/*/"), *(self.folder / name for name in ("out", "out2", "rnn_output", "sim"))]:
            shutil.rmtree(folder, ignore_errors=True)
        recordings = {path.stat().st_ino for path in self.recordings}
        for path in self.folder.rglob("*.*"):
            if path not in self.recordings and not path.is_symlink() and path.stat().st_ino in recordings:
                path.unlink()  # With a further name they would not be published into.
        fresh = self.folder.with_name(self.folder.name + ".fresh")
        small_session.write(fresh / "rat")
        small_session.write_spike_times(fresh / "bins")
        bins = {}
        for folder in (fresh, self.folder):
            for name in ("rat", "bins"):
                for stage in STAGES:
                    extra = ["--publish", "--force"] if stage == "infer_write" else []
                    done = pipeline.run_stage(stage, folder / name, *small_session.flags(), *extra)
                    if done.returncode != 0:
                        raise Wrong(f"{stage} in the end: {done.stderr}")
                bins.setdefault(name, set()).add(content_digest(folder / name / "rnn_output/rates.h5"))
        shutil.rmtree(fresh)
        if any(len(digests) != 1 for digests in bins.values()):
            raise Wrong("other results than at first")
        self.check(published=True)
        left = [path for name in ("rat", "bins") for path in (self.folder / name).rglob(".*")]
        if left:
            raise Wrong(f"left behind: {left}")


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10 ** 6)
    print(f"seed {seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="rnn_rates_chaos."))
    chaos = Chaos(folder, seed)
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            chaos.batch()
        chaos.finish()
    except Wrong as wrong:
        print(f"{wrong}\nkept: {folder}\n{(folder / 'said').read_text(errors='replace')[-3000:]}")
        return 1
    print(f"{chaos.runs} runs in {chaos.batches} batches, how many ended with which code: {dict(sorted(chaos.codes.items()))}")
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
