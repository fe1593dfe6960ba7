"""Which sessions are taken, where the results go, what is reported, what happens when one fails."""
import json
import os
import shutil
import subprocess
from pathlib import Path

import h5py

import pipeline
import small_session
from pipeline import BIN, STAGES, run_stage, statuses

FLAGS = small_session.flags()


def listing(folder):
    """{path: (size, time of change)} of all below a folder."""
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))}


class SessionsTest(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        first = small_session.write(self.folder / "a")
        self.sessions = [first]
        for name in "bc":
            self.sessions.append(self.folder / name)
            self.sessions[-1].mkdir()
            shutil.copy(small_session.h5_of(first), small_session.h5_of(self.sessions[-1]))

    def extract(self, *arguments, **options):
        """Names of the sessions that extract_bins reports."""
        return [s["session"] for s in self.run_ok("extract_bins", *FLAGS, *arguments, **options)["sessions"]]


class WhereResultsGo(SessionsTest):
    def test_into_the_session_folder(self):
        report = self.run_all(self.sessions[0], *FLAGS, "--set", "plots.select=['losses']")
        out = self.sessions[0] / "rnn_output"
        self.assertEqual(sorted(path.name for path in out.iterdir()),
                         ["bins.h5", "models", "pca.h5", "plots", "rates.h5", "report.html"])
        self.assertEqual(sorted(path.name for path in (out / "models").iterdir()),
                         ["region_all_taste_0.h5", "region_all_taste_1.h5"])
        self.assertEqual(report["train_rnn"]["sessions"][0]["session"], "a")

    def test_without_pictures_there_is_the_page_alone(self):
        self.run_all(self.sessions[0], *FLAGS, "--set", "plots.select=[]")
        out = self.sessions[0] / "rnn_output"
        self.assertEqual([path.name for path in (out / "plots").iterdir()], ["manifest.json"])
        self.assertTrue((out / "report.html").exists())

    def test_into_a_folder_for_each_session_below_out(self):
        out = self.folder / "deep" / "out"
        for path in (str(self.sessions[0]) + "/", self.sessions[1]):
            self.run_all(path, *FLAGS, "-o", out, "--set", "plots.select=['losses']")
        self.assertEqual(sorted(path.name for path in out.iterdir()), ["a", "b", "index.html", "scores.png"])
        for name in "ab":
            self.assertEqual(sorted(path.name for path in (out / name).iterdir()),
                             ["bins.h5", "models", "pca.h5", "plots", "rates.h5", "report.html"])
        self.assertFalse((self.sessions[0] / "rnn_output").exists())

    def test_beside_an_h5_that_is_named_itself(self):
        report = self.run_ok("extract_bins", small_session.h5_of(self.sessions[0]), *FLAGS)
        self.assertEqual(report["sessions"][0]["session"], "a")
        self.assertTrue((self.sessions[0] / "rnn_output" / "a" / "bins.h5").exists())

    def test_relative_paths_count_from_the_working_folder(self):
        for words, bins in [(["."], "a/rnn_output/bins.h5"), ([".", "-o", "../out"], "out/a/bins.h5")]:
            done = subprocess.run([BIN / "extract_bins", *words, *FLAGS, "--json"], cwd=self.sessions[0],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["sessions"][0]["session"], "a")
            self.assertTrue((self.folder / bins).exists(), bins)

    def test_names_with_spaces_and_letters_of_other_languages(self):
        session = small_session.write(self.folder / "séance 1, Gänge")
        self.assertEqual(self.run_all(session, *FLAGS)["plot_rates"]["sessions"][0]["session"], session.name)
        self.assertTrue((session / "rnn_output" / "plots" / "units_region_all.pdf").exists())
        self.assertIn(session.name, (session / "rnn_output" / "report.html").read_text())

    def test_names_that_are_not_utf8_do_not_break_the_report(self):
        session = os.fsencode(self.folder) + b"/\xff"
        os.rename(self.sessions[1], session)
        done = subprocess.run([os.fsencode(BIN / "extract_bins"), session, *map(os.fsencode, FLAGS), b"--json"],
                              capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(json.loads(done.stdout)["sessions"]), 1)


class WhichSessions(SessionsTest):
    def test_all_that_are_named_in_their_order(self):
        self.assertEqual(self.extract(*reversed(self.sessions)), ["c", "b", "a"])

    def test_shards_share_them_out(self):
        shards = [self.extract(*self.sessions, "--shard", f"{i}/2") for i in (0, 1)]
        self.assertEqual(shards, [["a", "c"], ["b"]])
        self.assertEqual(self.extract(*self.sessions, "--shard", "3/4"), [])

    def test_manifest_from_a_pipe(self):
        reader, writer = os.pipe()
        os.write(writer, f"{self.sessions[1]}\tmiddle\n".encode())
        os.close(writer)
        with open(reader, "rb") as pipe:
            done = subprocess.run([BIN / "extract_bins", *FLAGS, "--json", "--manifest", "/dev/stdin", "-o", self.folder / "out"],
                                  stdin=pipe, capture_output=True, text=True, timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([s["session"] for s in json.loads(done.stdout)["sessions"]], ["middle"])

    def test_manifest_with_relative_paths_ids_comments_and_a_header(self):
        manifest = self.folder / "lists" / "sessions.tsv"
        manifest.parent.mkdir()
        manifest.write_text(f"path\tid\n# a comment\n../a\n\n{self.sessions[1]}\tsecond\n../c/c.h5\tthird\n")
        out = self.folder / "out"
        self.assertEqual(self.extract("--manifest", manifest, "-o", out), ["a", "second", "third"])
        self.assertEqual(sorted(path.name for path in out.iterdir()), ["a", "second", "third"])
        self.assertEqual(self.extract("--manifest", manifest, "--shard", "1/3", "-o", out), ["second"])

    def test_manifest_with_settings_of_single_sessions(self):
        manifest = self.folder / "sessions.tsv"
        manifest.write_text("path\tid\tbin_ms\ttrain.forecast_ms\na\t\t50\t50\nb\n")
        self.run_ok("extract_bins", "--manifest", manifest, *FLAGS)
        bins = []
        for session in self.sessions[:2]:
            with h5py.File(session / "rnn_output/bins.h5") as file:
                bins.append(len(file["bin_edges_ms"]) - 1)
        self.assertEqual(bins, [600 // 50, 600 // 25])
        # What is said on the command line holds for all.
        self.run_ok("extract_bins", "--manifest", manifest, *FLAGS, "--set", "bin_ms=30")
        with h5py.File(self.sessions[0] / "rnn_output/bins.h5") as file:
            self.assertEqual(len(file["bin_edges_ms"]) - 1, 600 // 30)
        manifest.write_text("path\tid\tno.such_key\na\t\t50\n")
        self.run_fails(3, ["session a", "no.such_key"], "extract_bins", "--manifest", manifest)

    def test_a_pattern_finds_sessions(self):
        self.assertEqual(self.extract(self.folder / "[ab]"), ["a", "b"])
        self.run_fails(4, ["x*", "no session"], "extract_bins", self.folder / "x*")

    def test_manifest_that_is_wrong_is_bad_input(self):
        manifest = self.folder / "sessions.tsv"
        for text, words in [("a\tx\ty\n", ["line 1", "columns"]), ("a\nb\ta\n", ["line 2", "'a'", "line 1"]),
                            ("a\tx/y\n", ["line 1", "x/y"]), ("# none\n", ["no session"])]:
            manifest.write_text(text)
            self.run_fails(4, [str(manifest), *words], "extract_bins", "--manifest", manifest)
        self.run_fails(4, ["nowhere.tsv", "cannot be opened"], "extract_bins", "--manifest",
                       self.folder / "nowhere.tsv")

    def test_one_name_twice_over_manifest_and_command_line(self):
        manifest = self.folder / "sessions.tsv"
        manifest.write_text("b\ta\n")
        self.run_fails(2, ["'a'"], "extract_bins", self.sessions[0], "--manifest", manifest)


class WhatIsReported(SessionsTest):
    def test_json_is_one_document_on_stdout_and_the_rest_goes_to_stderr(self):
        for stage in STAGES:
            done = run_stage(stage, self.sessions[0], *FLAGS, "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            report = json.loads(done.stdout)
            self.assertEqual(report["stage"], stage)
            [session] = report["sessions"]
            self.assertEqual(session["session"], "a")
            for output in session["outputs"]:
                self.assertEqual(output["status"], "computed")
                self.assertTrue(Path(output["path"]).exists(), output["path"])
                self.assertRegex(output["content_digest"], "^$" if stage == "plot_rates" else "^[0-9a-f]{32}$")
            self.assertIn(f"{stage} info:", done.stderr)
        self.assertEqual(run_stage("extract_bins", self.sessions[0], *FLAGS).stdout, "")

    def test_quiet_leaves_only_warnings_and_errors(self):
        for stage in STAGES:
            done = run_stage(stage, self.sessions[0], *FLAGS, "-q")
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            self.assertNotIn("info:", done.stderr)
        self.assertIn("error:", run_stage("extract_bins", self.folder / "nowhere", "-q").stderr)

    def test_a_long_command_line_is_recorded_in_part(self):
        bins = self.sessions[0] / "rnn_output/bins.h5"
        for repeats, whole in ((1, True), (1000, False)):
            self.extract(self.sessions[0], "--force", *repeats * ["--set", "bin_ms=25"])
            with h5py.File(bins) as file:
                command = file.attrs["command"].decode()
            self.assertIn(f"extract_bins {FLAGS[0]}", command)
            self.assertLess(len(command), 5000)
            self.assertNotEqual(command.endswith(" ..."), whole)

    def test_a_mistaken_setting_of_an_earlier_stage_is_warned_of(self):
        self.run_ok("extract_bins", self.sessions[0], *FLAGS)
        done = run_stage("reduce_pca", self.sessions[0], *small_session.flags(bin_ms="50"))
        self.assertEqual(done.returncode, 0)
        self.assertIn("warning:", done.stderr)
        self.assertIn("bin_ms = 25", done.stderr)
        self.assertIn("run extract_bins again", done.stderr)


class DryRun(SessionsTest):
    def test_says_what_would_be_done_and_writes_nothing(self):
        session, before = self.sessions[0], listing(self.folder)
        self.assertEqual(statuses(self.run_ok("extract_bins", session, *FLAGS, "-n")), {"bins.h5": "to do"})
        self.assertEqual(listing(self.folder), before)
        for at, stage in enumerate(STAGES):
            before = listing(self.folder)
            report = self.run_ok(stage, session, *FLAGS, "--dry-run")
            self.assertEqual(set(statuses(report).values()), {"to do"})
            self.assertEqual(listing(self.folder), before)
            if at + 1 < len(STAGES):
                self.run_fails(4, [f"Run {stage} first"], STAGES[at + 1], session, *FLAGS, "--dry-run")
                self.assertEqual(listing(self.folder), before)
            self.run_ok(stage, session, *FLAGS)
        before = listing(self.folder)
        for stage in STAGES:
            self.assertEqual(set(statuses(self.run_ok(stage, session, *FLAGS, "-n")).values()), {"up to date"})
            self.assertEqual(set(statuses(self.run_ok(stage, session, *FLAGS, "-n", "--force")).values()), {"to do"})
        self.assertEqual(listing(self.folder), before)

    def test_of_publishing(self):
        session = self.sessions[0]
        self.run_all(session, *FLAGS, stages=STAGES[:4])
        before = listing(self.folder)
        report = self.run_ok("infer_write", session, *FLAGS, "--publish", "-n")
        self.assertEqual(statuses(report), {"rates.h5": "up to date", "a.h5": "to do"})
        self.assertEqual(listing(self.folder), before)
        self.run_ok("infer_write", session, *FLAGS, "--publish")
        before = listing(self.folder)
        report = self.run_ok("infer_write", session, *FLAGS, "--publish", "-n")
        self.assertEqual(statuses(report), {"rates.h5": "up to date", "a.h5": "up to date"})
        self.assertEqual(listing(self.folder), before)

    def test_finds_bad_input(self):
        with small_session.edit(self.sessions[0]) as file:
            file["spike_trains/dig_in_0/spike_array"][3, 2, 400] = -1
        self.run_fails(4, ["trial 3, unit 2, 400 ms"], "extract_bins", self.sessions[0], *FLAGS, "-n")


class KeepGoing(SessionsTest):
    def setUp(self):
        super().setUp()
        small_session.h5_of(self.sessions[1]).unlink()

    def test_without_it_the_first_failure_ends_the_run(self):
        self.run_fails(4, [str(self.sessions[1])], "extract_bins", *self.sessions, *FLAGS)
        self.assertEqual([(s / "rnn_output").exists() for s in self.sessions], [True, False, False])

    def test_without_it_what_was_done_before_is_still_reported(self):
        done = self.run_fails(4, [], "extract_bins", *self.sessions, *FLAGS, "--json")
        first, failed = json.loads(done.stdout)["sessions"]
        self.assertEqual((first["session"], first["outputs"][0]["status"]), ("a", "computed"))
        self.assertEqual((failed["session"], failed["exit_code"]), ("b", 4))

    def test_with_it_the_others_are_done_and_the_code_is_8(self):
        for stage in STAGES:
            with self.subTest(stage):
                done = self.run_fails(8, [str(self.sessions[1])], stage, *self.sessions, *FLAGS, "--keep-going",
                                      "--json")
                first, failed, last = json.loads(done.stdout)["sessions"]
                self.assertEqual((failed["session"], failed["exit_code"]), ("b", 4))
                self.assertIn(str(self.sessions[1]), failed["error"])
                for session in (first, last):
                    self.assertEqual({output["status"] for output in session["outputs"]}, {"computed"})
                self.assertFalse((self.sessions[1] / "rnn_output").exists())

    def test_without_any_failure_the_code_is_0(self):
        self.run_ok("extract_bins", self.sessions[0], self.sessions[2], *FLAGS, "--keep-going")


if __name__ == "__main__":
    pipeline.main()
