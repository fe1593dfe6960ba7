"""scripts/infer_rnn_rates in place of blech_clust's program: flags, parameters file, log, and what PyTables sees."""
import json
import os
import signal
import subprocess
import time
import tomllib
import unittest

import h5py
import numpy as np
import tables

import pipeline
import small_session

SCRIPT = pipeline.SOURCE / "scripts/infer_rnn_rates"
SANITIZED = unittest.skipIf("ASAN_OPTIONS" in os.environ, "trains several times over, which takes long under the sanitizers")


def run(session, *arguments):
    return subprocess.run([SCRIPT, session, *map(str, arguments)], capture_output=True, text=True, timeout=600,
                          env={**os.environ, "RNN_RATES_BIN": str(pipeline.BIN), "BLECH_CLUST": ""})


def settings(session):
    """All settings that the rates were made with."""
    with h5py.File(session / "rnn_output/rates.h5") as h5:
        return tomllib.loads(bytes(h5.attrs["config_toml"]).decode())


def tree(path):
    """{path: class, attributes of PyTables, type and shape} of the nodes that the Python program writes."""
    wanted = {"pred_firing", "latent_out", "pred_x"}
    with tables.open_file(str(path)) as file:
        found = {}
        for node in file.walk_nodes("/rnn_output"):
            if isinstance(node, tables.Leaf) and node._v_name not in wanted:
                continue
            attributes = {name: str(node._v_attrs[name]) for name in ("CLASS", "TITLE", "VERSION")}
            leaf = (str(node.dtype), node.shape, node.flavor) if isinstance(node, tables.Leaf) else ()
            found[node._v_pathname] = (type(node).__name__, attributes, *leaf)
        return found


class DropIn(pipeline.PipelineTest):
    def session(self, name="session"):
        arrays = small_session.draw_spikes(trials=(6, 5), length_ms=4600)
        return small_session.write(self.folder / name, arrays)

    def works(self, session, *arguments):
        done = run(session, "--train_steps", 20, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def nodes(self, session):
        with tables.open_file(str(small_session.h5_of(session))) as h5:
            return [node._v_name for node in h5.list_nodes("/rnn_output/regions")]

    def predictions(self, session):
        """(shape of pred_firing, first value of pred_x) of the session's first node."""
        with tables.open_file(str(small_session.h5_of(session))) as h5:
            node = h5.list_nodes("/rnn_output/regions")[0]
            return node.pred_firing.shape, int(node.pred_x[0])

    @SANITIZED
    def test_same_flags_give_the_nodes_of_todays_program(self):
        session = self.session()
        for flags, nodes in {("--separate_regions",): ["region_bla_taste_all", "region_gc_taste_all"],
                             ("--separate_tastes",): ["region_all_taste_0", "region_all_taste_1"],
                             ("--separate_regions", "--separate_tastes"): ["region_bla_taste_0", "region_bla_taste_1",
                                                                           "region_gc_taste_0", "region_gc_taste_1"],
                             ("--joint_tastes",): ["region_all_taste_all"]}.items():
            done = self.works(session, *flags)
            self.assertEqual(self.nodes(session), nodes)
            self.assertNotIn("--joint_tastes", done.stderr)

    @SANITIZED
    def test_part_of_a_bin_is_cut_off_the_horizon(self):
        session = self.session()
        done = self.works(session, "--joint_tastes", "--bin_size", 40)
        self.assertIn("the forecast horizon of 100 ms is cut to whole bins: 80 ms", done.stderr)
        self.assertEqual(self.predictions(session), ((11, 5, 73), 80))
        self.works(session, "--joint_tastes", "--forecast_time", 60)
        self.assertEqual(self.predictions(session), ((11, 5, 118), 50))

    @SANITIZED
    def test_losses_are_accepted_where_they_mean_the_squared_error(self):
        session = self.session()
        refused = run(session, "--loss_function", "smooth_mse")
        self.assertEqual((refused.returncode, (session / "rnn_output").exists()), (2, False))
        self.assertIn("smooth_mse with an --alpha other than 0 is not implemented", refused.stderr)
        self.works(session, "--loss_function", "smooth_mse", "--alpha", 0)
        stamp = (session / "rnn_output/models/region_all_taste_0.h5").stat().st_mtime_ns
        self.works(session, "--loss_function", "mse", "--alpha", 0.1)
        self.assertEqual((session / "rnn_output/models/region_all_taste_0.h5").stat().st_mtime_ns, stamp)

    def test_defaults_are_the_first_versions_of_the_old_program(self):
        session = self.session()
        warnings = self.works(session).stderr
        self.assertEqual(warnings.count("--joint_tastes"), 1)
        self.assertIn("reads the units of several regions (bla, gc)", warnings)
        self.assertIn("rates know the taste of their trial, through fits.separate_tastes = true", warnings)
        used = settings(session)
        self.assertEqual((used["time_lims_ms"], used["bin_ms"], used["stim_ms"]), ([1500, 4500], 25, 2000))
        self.assertEqual((used["model"]["hidden_size"], used["model"]["kind"]), (8, "autoencoder_rnn"))
        self.assertEqual((used["train"]["train_test_split"], used["train"]["steps"], used["pca"]["enabled"]), (0.75, 20, True))
        self.assertEqual((used["fits"]["separate_tastes"], used["fits"]["separate_regions"]), (True, False))
        self.assertTrue((session / "rnn_output/plots").is_dir())
        self.assertEqual(self.nodes(session), ["region_all_taste_0", "region_all_taste_1"])
        with tables.open_file(str(small_session.h5_of(session))) as h5:
            shapes = [node.pred_firing[:].shape for node in h5.list_nodes("/rnn_output/regions")]
        self.assertEqual(shapes, [(6, 5, 116), (5, 5, 116)])

    def test_flags_go_before_the_file_and_the_file_before_the_defaults(self):
        session = self.session()
        (session / "blechrnn_params.json").write_text(json.dumps(
            {"time_lims": [1900, 2900], "hidden_size": 5, "bin_size": 50, "use_pca": True, "train_steps": 999}))
        self.works(session, "--hidden_size", 4, "--no_pca", "--separate_regions", "--joint_tastes", "--override_config",
                   "--train_test_split", 0.6, "--forecast_time", 150)
        used = settings(session)
        self.assertEqual((used["time_lims_ms"], used["bin_ms"], used["model"]["hidden_size"]), ([1900, 2900], 50, 4))
        self.assertEqual((used["pca"]["enabled"], used["train"]["train_test_split"], used["train"]["forecast_ms"]),
                         (False, 0.6, 150))
        with h5py.File(session / "rnn_output/rates.h5") as h5:
            self.assertEqual(sorted(h5["rnn_output/regions"]), ["region_bla_taste_all", "region_gc_taste_all"])
        written = json.loads((session / "rnn_output/artifacts/params.json").read_text())
        self.assertEqual((written["train_steps"], written["hidden_size"], written["use_pca"]), (20, 4, False))

    def test_log_is_added_to_under_the_old_programs_name(self):
        session = self.session()
        before = {"attempted": {"/opt/blech_clust/blech_make_arrays.py": "2024-01-01 10:00:00"},
                  "completed": {"/opt/blech_clust/blech_make_arrays.py": "2024-01-01 10:10:00"}, "more": 1}
        log = session / "execution_log.json"
        log.write_text(json.dumps(before))
        self.assertNotIn("infer_rnn_rates: warning: ", self.works(session, "--strict").stderr)
        after = json.loads(log.read_text())
        for kind in ("attempted", "completed"):
            self.assertRegex(after[kind].pop("/opt/blech_clust/utils/infer_rnn_rates.py"), r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
        self.assertEqual(after, before)

    def test_failure_is_attempted_but_not_completed(self):
        session = self.session()
        self.assertEqual(run(session, "--time_lims", 0, 9000).returncode, 4)
        self.assertEqual([list(json.loads((session / "execution_log.json").read_text())), run(session, "--bin_size", 0).returncode],
                         [["attempted"], 3])

    def test_step_before_that_is_not_completed_is_a_warning_and_with_strict_an_error(self):
        session = self.session()
        (session / "execution_log.json").write_text('{"completed": {"/opt/blech_clust/blech_process.py": "x"}}')
        before = (session / "execution_log.json").read_text()
        done = run(session, "--strict")
        self.assertEqual((done.returncode, (session / "execution_log.json").read_text()), (4, before))
        self.assertIn("blech_make_arrays.py is not among the completed steps", done.stderr)
        self.assertIn("not among the completed steps", self.works(session).stderr)

    def test_again_is_up_to_date_unless_retrained(self):
        session = self.session()
        self.works(session)
        stamp = (session / "rnn_output/models/region_all_taste_0.h5").stat().st_mtime_ns
        self.works(session)
        self.assertEqual((session / "rnn_output/models/region_all_taste_0.h5").stat().st_mtime_ns, stamp)
        self.works(session, "--retrain")
        self.assertNotEqual((session / "rnn_output/models/region_all_taste_0.h5").stat().st_mtime_ns, stamp)

    def test_interrupt_of_a_terminal_saves_the_work(self):
        session = self.session()
        # A terminal interrupts all processes of the group.
        process = subprocess.Popen([SCRIPT, session, "--train_steps", "1000000"], stderr=subprocess.PIPE, text=True, start_new_session=True,
                                   env={**os.environ, "RNN_RATES_BIN": str(pipeline.BIN), "BLECH_CLUST": ""})
        while not (session / "rnn_output/models").exists():
            self.assertIsNone(process.poll(), "it ended before it trained")
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 75, said)
        self.assertIn("stopped by SIGINT", said)
        self.assertEqual(len(list((session / "rnn_output/models").glob("*.ckpt.h5"))), 2)

    def test_damaged_log_or_parameters_are_named_before_anything_is_done(self):
        session = self.session()
        for name in ("execution_log.json", "blechrnn_params.json"):
            (session / name).write_text("{")
            done = run(session)
            self.assertEqual(done.returncode, 4)
            self.assertIn(name, done.stderr)
            (session / name).unlink()
        self.assertFalse((session / "rnn_output").exists())

    def same_as_pytables(self, session):
        """Compares with a file into which PyTables wrote arrays of the same values, as the Python program does."""
        self.works(session)
        ours = session / f"{session.name}.h5"
        with tables.open_file(str(ours)) as made, tables.open_file(str(self.folder / "theirs.h5"), "w") as file:
            file.create_group("/", "rnn_output", "RNN Output")
            file.create_group("/rnn_output", "regions", "Region-specific RNN Output")
            for node in made.list_nodes("/rnn_output/regions"):
                region, taste = node._v_name.removeprefix("region_").split("_taste_")
                group = file.create_group("/rnn_output/regions", node._v_name, f"Region {region} Taste {taste}")
                for name in ("pred_firing", "latent_out", "pred_x"):
                    file.create_array(group, name, np.array(made.get_node(node, name)[:]))
        self.assertEqual(tree(ours), tree(self.folder / "theirs.h5"))

    def test_pytables_sees_what_it_would_have_written_katz_gc(self):
        pipeline.make_sessions(self.folder, "katz_gc")
        self.same_as_pytables(self.folder / "katz_gc")

    def test_pytables_sees_what_it_would_have_written_locust(self):
        pipeline.make_sessions(self.folder, "locust")
        self.same_as_pytables(self.folder / "locust")

    def test_pytables_sees_what_it_would_have_written_small(self):
        self.same_as_pytables(self.session())


if __name__ == "__main__":
    pipeline.main()
