"""Settings: the file, --set, the stages' own flags, --print-config."""
import json
import os
import time
import tomllib

import pipeline
import small_session
from pipeline import REFERENCE, SOURCE, STAGES, run_stage


class Printed(pipeline.PipelineTest):
    def print_config(self, stage, *arguments):
        done = run_stage(stage, "--print-config", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_output_used_as_a_file_gives_the_same_output(self):
        changes = ["--set", "train.learning_rate=3.5e-4", "--set", "time_lims_ms=[0, 3000.0]", "--set",
                   "plots.select=['losses']", "--set", "fits.separate_tastes=false", "--set", "train.device=cuda:1"]
        for arguments in ([], changes, ["-c", REFERENCE]):
            with self.subTest(arguments=arguments):
                first = self.print_config("extract_bins", *arguments)
                (self.folder / "config.toml").write_text(first)
                self.assertEqual(self.print_config("extract_bins", "-c", self.folder / "config.toml"), first)

    def test_all_stages_print_the_same(self):
        self.assertEqual(len({self.print_config(stage, "-c", REFERENCE) for stage in STAGES}), 1)

    def test_best_toml_lists_every_key_with_its_default(self):
        best = SOURCE / "configs" / "best.toml"
        self.assertEqual(tomllib.loads(best.read_text()), tomllib.loads(self.print_config("extract_bins")))

    def test_with_json_each_key_stands_with_the_one_stage_that_depends_on_it(self):
        seen = []
        for stage in STAGES:
            printed = json.loads(self.print_config(stage, "--json", "--set", "model.hidden_size=5"))
            self.assertEqual(printed["stage"], stage)
            lines = printed["settings"].splitlines()
            seen += [line.split(" = ")[0] for line in lines]
            self.assertEqual("model.hidden_size = 5" in lines, stage == "train_rnn")
        every = set()
        for name, value in tomllib.loads(self.print_config("extract_bins")).items():
            every |= {f"{name}.{key}" for key in value} if isinstance(value, dict) else {name}
        # These say where and how often, not what, is computed.
        self.assertEqual(sorted(seen), sorted(every - {"train.engine", "train.isa", "train.device", "checkpoint.every_s"}))

    def test_set_wins_over_the_file_and_later_ones_over_earlier_ones(self):
        (self.folder / "config.toml").write_text("bin_ms = 50\nseed = 3\n[train]\nsteps = 7\n")
        printed = self.print_config("extract_bins", "--set", "train.steps=8", "-c", self.folder / "config.toml",
                                    "--set", "train.steps = 9", "a_session")
        settings = tomllib.loads(printed)
        self.assertEqual((settings["bin_ms"], settings["seed"], settings["train"]["steps"]), (50, 3, 9))
        defaults = tomllib.loads((SOURCE / "configs/best.toml").read_text())
        self.assertEqual(settings["model"]["hidden_size"], defaults["model"]["hidden_size"])

    def test_text_needs_no_quotes(self):
        for text in ("best", "'best'", '"best"'):
            settings = tomllib.loads(self.print_config("infer_write", "--set", f"train.weights={text}"))
            self.assertEqual(settings["train"]["weights"], "best")

    def test_flags_of_stages_are_settings(self):
        for stage, flags, table, expected in [
                ("extract_bins", ["--regions", "all"], None, {"regions": "all"}),
                ("reduce_pca", ["--no-separate-tastes", "--separate-regions"], "fits",
                 {"separate_tastes": False, "separate_regions": True}),
                ("reduce_pca", ["--set", "fits.separate_tastes=false", "--separate-tastes"], "fits",
                 {"separate_tastes": True}),
                ("train_rnn", ["--engine", "libtorch", "--device", "cuda:0"], "train",
                 {"engine": "libtorch", "device": "cuda:0"}),
                ("plot_rates", ["--format", "svg"], "plots", {"format": "svg"})]:
            settings = tomllib.loads(self.print_config(stage, *flags))
            settings = settings[table] if table else settings
            self.assertEqual({key: settings[key] for key in expected}, expected, flags)


class Refused(pipeline.PipelineTest):
    """Each is exit code 3 with the key, the place where it was given and what is expected; nothing is written."""

    def setUp(self):
        super().setUp()
        self.session = small_session.write(self.folder / "session")

    def refused(self, words, *arguments, stages=("extract_bins",)):
        for stage in stages:
            with self.subTest(stage=stage, arguments=arguments):
                done = self.run_fails(3, words, stage, self.session, *arguments)
                self.assertEqual(done.stdout, "")
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertFalse((self.session / "rnn_output").exists())

    def refused_file(self, words, text):
        path = self.folder / "config.toml"
        path.write_text(text)
        self.refused([str(path), *words], "-c", path)

    def test_by_every_stage(self):
        self.refused(["bin_msec", "bin_ms"], "--set", "bin_msec=25", stages=STAGES)

    def test_file_that_is_not_there_or_a_folder(self):
        self.refused(["nowhere.toml", "cannot be read"], "-c", self.folder / "nowhere.toml")
        self.refused([str(self.folder), "cannot be read"], "-c", self.folder)

    def test_file_of_any_content_ends_at_once(self):
        os.mkfifo(self.folder / "pipe")
        (self.folder / "long.toml").write_bytes(b"# " + b"a" * (1 << 20))
        (self.folder / "binary.toml").write_bytes(bytes(range(256)) * 100)
        (self.folder / "deep.toml").write_text("a." * 100_000 + "a = 1\n")
        (self.folder / "nested.toml").write_text("a = " + "[" * 200_000)
        for path, words in ((self.folder / "pipe", "plain file"), ("/dev/zero", "plain file"), (self.folder / "long.toml", "more than"),
                            (self.folder / "binary.toml", "TOML"), (self.folder / "deep.toml", ""), (self.folder / "nested.toml", "TOML")):
            with self.subTest(path):
                start = time.monotonic()
                self.refused([str(path), words], "-c", path)
                self.assertLess(time.monotonic() - start, 10)

    def test_control_characters_are_displayed(self):
        path = self.folder / "own.toml"
        path.write_bytes(b'"bin\\u001b[2J\\u009bms" = 1\n')
        self.refused(["bin\\x1b[2J\\xc2\\x9bms"], "-c", path)

    def test_file_that_is_not_toml(self):
        self.refused_file(["line 2", "not valid TOML"], "seed = 1\nbin_ms 25\n")

    def test_unknown_key_in_a_file_is_placed_and_the_nearest_one_named(self):
        self.refused_file(["line 3", "train.step", "train.steps"], "seed = 1\n[train]\nstep = 10\n")
        self.refused_file(["line 1", "binms"], "binms = 25\n")
        self.refused_file(["line 1", "traim"], "[traim]\nsteps = 10\n")

    def test_wrong_type_in_a_file(self):
        self.refused_file(["line 2", "train.steps", "whole number"], "[train]\nsteps = 'many'\n")
        self.refused_file(["line 2", "train.steps", "whole number"], "[train]\nsteps = 10.5\n")
        self.refused_file(["line 1", "time_lims_ms"], "time_lims_ms = [1, 2, 3]\n")
        self.refused_file(["line 1", "time_lims_ms"], "time_lims_ms = 1500\n")
        self.refused_file(["line 2", "separate_tastes", "true or false"], "[fits]\nseparate_tastes = 1\n")
        self.refused_file(["train"], "train = 3\n")

    def test_wrong_override(self):
        self.refused(["--set train.step=3", "train.steps"], "--set", "train.step=3")
        self.refused(["--set train.steps=many"], "--set", "train.steps=many")
        self.refused(["--set train.steps", "key=value"], "--set", "train.steps")
        self.refused(["--set train=3", "train"], "--set", "train=3")
        self.refused(["train.weights", "last, best"], "--set", "train.weights=3")

    def test_value_out_of_range(self):
        for key, value in [("bin_ms", "0"), ("seed", "-1"), ("pca.variance", "0"), ("pca.variance", "1.1"),
                           ("model.hidden_size", "0"), ("model.layers", "0"), ("model.dropout", "1"),
                           ("train.steps", "-1"), ("train.learning_rate", "-1"), ("train.train_test_split", "0"),
                           ("train.validate_every", "0"), ("train.patience", "-1"), ("pca.variance", "nan"),
                           ("train.learning_rate", "inf"), ("pca.fit_on", "test"), ("train.device", "gpu"),
                           ("plots.format", "bmp"), ("plots.select", "['everything']"), ("regions", "some"),
                           ("train.engine", "numpy"), ("model.kind", "transformer")]:
            self.refused([key, "expected"], "--set", f"{key}={value}")


if __name__ == "__main__":
    pipeline.main()
