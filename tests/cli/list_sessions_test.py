"""--list-sessions: what the programs make of the sessions that they are given, in the form that workflow engines read."""
import json
import os
import signal
import subprocess
import time

import pipeline
import processes
import small_session
from pipeline import BIN, STAGES, run_stage

#: Folder names that shells, spreadsheets and templates take for something else.
ODD = ["it's a session", 'x "$HOME" `id` $(id)', "rat;touch CARRIED_OUT;true", "#1 & <2> *", "séance 日本",
       "{wildcard} %j \\n", "-o"]


class ListTest(pipeline.PipelineTest):
    def listed(self, *arguments, **options):
        return self.run_ok("extract_bins", "--list-sessions", *arguments, **options)["sessions"]

    def ids(self, *arguments):
        return [session["session"] for session in self.listed(*arguments)]

    def write_list(self, text, name="sessions.tsv"):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path


class WhatIsListed(ListTest):
    def test_ids_paths_folders_and_own_settings_of_sessions_that_need_not_exist(self):
        manifest = self.write_list("path\tid\tbin_ms\ttrain.steps\nday1\n../b.nwb\t\t50\nc/c.h5\tthird\t\t9\n",
                                   "lists/sessions.tsv")
        lists, out = manifest.parent, self.folder / "out"
        found = self.listed("--manifest", manifest, "-o", out)
        self.assertEqual([one["session"] for one in found], ["day1", "b", "third"])
        self.assertEqual([one["source"] for one in found], [f"{lists}/day1", f"{lists}/../b.nwb", f"{lists}/c/c.h5"])
        self.assertEqual([one["out"] for one in found], [f"{out}/day1", f"{out}/b", f"{out}/third"])
        self.assertEqual([one["own_settings"] for one in found], [[], ["bin_ms=50"], ["train.steps=9"]])
        self.assertEqual(list(self.folder.iterdir()), [lists])
        done = run_stage("extract_bins", "--list-sessions", "--manifest", manifest, "-o", out)
        self.assertEqual(done.stdout, f"day1\t{lists}/day1\t{out}/day1\n"
                                      f"b\t{lists}/../b.nwb\t{out}/b\tbin_ms=50\n"
                                      f"third\t{lists}/c/c.h5\t{out}/third\ttrain.steps=9\n")
        self.assertEqual(done.stderr, "")

    def test_of_the_command_line_and_of_one_shard(self):
        sessions = [small_session.write(self.folder / name) for name in "abc"]
        found = self.listed(*sessions)
        self.assertEqual([one["out"] for one in found], [f"{session}/rnn_output" for session in sessions])
        self.assertEqual([one["recording"] for one in found],
                         [str(small_session.h5_of(session)) for session in sessions])
        self.assertEqual(self.ids(*sessions, "--shard", "0/2"), ["a", "c"])

    def test_relative_paths_start_at_the_list_or_the_working_folder(self):
        self.write_list("a\n", "lists/sessions.tsv")
        done = subprocess.run([BIN / "extract_bins", "b", "--manifest", "lists/sessions.tsv", "-o", "out", "--list-sessions",
                               "--json"], cwd=self.folder, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)["sessions"]
        self.assertEqual([one["source"] for one in found], [f"{self.folder}/b", f"{self.folder}/lists/a"])
        self.assertEqual([one["out"] for one in found], [f"{self.folder}/out/b", f"{self.folder}/out/a"])

    def test_the_recording_is_the_session_itself_where_it_is_not_clear_which(self):
        session = small_session.write(self.folder / "a")
        (session / "second.h5").touch()
        self.assertEqual([one["recording"] for one in self.listed(session, self.folder / "nowhere")],
                         [str(session), f"{self.folder}/nowhere"])

    def test_settings_are_those_that_each_stage_depends_on(self):
        manifest = self.write_list("path\tid\tbin_ms\na\t\t50\nb\n")
        found = self.listed("--manifest", manifest, *small_session.flags())
        for one, own in zip(found, (["--set", "bin_ms=50"], [])):
            expected = {stage: self.run_ok(stage, *small_session.flags(), *own, "--print-config")["settings"]
                        for stage in STAGES}
            self.assertEqual(one["settings"], expected)

    def test_the_manifest_of_a_single_session_names_it_again(self):
        rows = "".join(f"./{name}\t\t[500, {at}]\n" for at, name in enumerate(ODD, 1000))
        found = self.listed("--manifest", self.write_list("path\tid\ttime_lims_ms\n" + rows), "-o", self.folder)
        self.assertEqual([one["session"] for one in found], ODD)
        for one in found:
            only = self.write_list(one["manifest"], "one.tsv")
            self.assertEqual(self.listed("--manifest", only, "-o", self.folder), [one])

    def test_ten_thousand_sessions(self):
        manifest = self.write_list("path\tid\tseed\n" + "".join(f"day{at}\trat{at}\t{at % 7}\n" for at in range(10000)))
        found = self.listed("--manifest", manifest, "-o", self.folder / "out")
        self.assertEqual([one["session"] for one in found], [f"rat{at}" for at in range(10000)])

    def test_every_program_lists_with_its_own_flags(self):
        session = small_session.write(self.folder / "a")
        for stage in STAGES:
            done = run_stage(stage, session, "--list-sessions", *(["--publish"] if stage == "infer_write" else []))
            self.assertEqual((done.returncode, done.stdout), (0, f"a\t{session}\t{session}/rnn_output\n"), done.stderr)


class FromSpreadsheets(ListTest):
    def test_byte_order_mark_line_ends_and_empty_columns(self):
        rows = "path\tid\na.nwb\tfirst\nb.nwb\tsecond\n"
        for text in (rows, rows.replace("\n", "\r\n"), "\ufeff" + rows, "\ufeffa.nwb\tfirst\nb.nwb\tsecond\n",
                     "a.nwb\tfirst\t\t\nb.nwb\tsecond\t\t\n\t\t\t\n"):
            with self.subTest(text):
                self.assertEqual(self.ids("--manifest", self.write_list(text)), ["first", "second"])

    def test_commas_and_utf16_are_refused_as_what_they_are(self):
        rows = "path\tid\na.nwb\tfirst\n"
        for text, words in [(rows.replace("\t", ","), ["line 1", "','", "tabs"]),
                            (rows.encode("utf-16"), ["UTF-16", "UTF-8"])]:
            manifest = self.write_list(text)
            self.run_fails(4, [str(manifest), *words], "extract_bins", "--list-sessions", "--manifest", manifest)


class Refused(ListTest):
    """Each is said once, with nothing on stdout."""

    def refused(self, code, words, *arguments):
        done = self.run_fails(code, words, "extract_bins", "--list-sessions", "--json", *arguments)
        self.assertEqual((done.stdout, len(done.stderr.splitlines())), ("", 1), done.stderr)

    def test_lists_and_settings_that_are_wrong(self):
        twice = self.write_list("x/a\ny/a\n")
        self.refused(4, ["line 2", "'a'"], "--manifest", twice)
        self.refused(4, ["nowhere.tsv"], "--manifest", self.folder / "nowhere.tsv")
        self.refused(3, ["no.such"], "a", "--set", "no.such=1")
        self.refused(3, ["session a", "no.such"], "--manifest", self.write_list("path\tno.such\na\t1\n"))
        self.refused(2, ["no session given"])
        small_session.write(self.folder / "a")
        self.refused(2, ["would both write", "-o"], "--manifest", self.write_list("a\tone\na\ttwo\n"))

    def test_lists_of_any_content_end_at_once(self):
        os.mkfifo(self.folder / "pipe")
        recording = small_session.h5_of(small_session.write(self.folder / "a"))
        for path in (self.folder / "pipe", "/dev/zero", "/dev/null", self.folder, recording,
                     self.write_list(bytes(range(256)) * 1000, "binary.tsv"), self.write_list(b"a" * 5_000_000, "one_line.tsv"),
                     self.write_list(b"\n" * (65 << 20), "long.tsv"), self.write_list(b"a\t" * 1_000_000 + b"b", "columns.tsv")):
            with self.subTest(path):
                start = time.monotonic()
                self.refused(4, [str(path)], "--manifest", path)
                self.assertLess(time.monotonic() - start, 20)

    def test_a_pipe_that_nothing_comes_out_of_keeps_no_stop_waiting(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        held = os.open(pipe, os.O_RDWR)
        self.addCleanup(os.close, held)
        process = subprocess.Popen([BIN / "extract_bins", "--list-sessions", "--manifest", pipe], stderr=subprocess.PIPE, text=True)
        processes.wait_until_catching(process, signal.SIGTERM)
        process.terminate()
        self.assertIn("stopped by SIGTERM", process.communicate(timeout=20)[1])
        self.assertEqual(process.returncode, 75)

    def test_control_characters_are_displayed(self):
        for name, shown in (("\x1b[2Jrat", "\\x1b[2Jrat"), ("rat\n12:00:00 all is well", "rat\\n12:00:00"), ("\x9b2J", "\\xc2\\x9b2J")):
            self.refused(4, [shown], self.folder / name, "-o", self.folder)
            self.refused(4, [shown], "--manifest", self.folder / name)

    def test_names_that_no_line_has_room_for(self):
        for odd in ("a ", " a"):
            self.refused(4, [f"{odd}: no list of sessions has room"], self.folder / odd)
        self.refused(4, ["cannot be a folder's name"], self.folder / "a\nb")
        self.refused(4, ["line break"], self.folder / "a\nb" / "c", "-o", self.folder)

    def test_names_that_json_has_no_room_for(self):
        session = os.fsencode(self.folder) + b"/\xff"
        done = subprocess.run([os.fsencode(BIN / "extract_bins"), b"--list-sessions", b"--json", session], capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (4, b""), done.stderr)
        self.assertIn(b"not UTF-8", done.stderr)


if __name__ == "__main__":
    pipeline.main()
