"""infer_write --publish: the session's own file gets /rnn_output as PyTables would have written it, nothing else."""
import os
import stat
import subprocess
import sys
import warnings

import h5py
import numpy as np
import tables

import pipeline
import preload
import processes
import small_session
import trained_session
from hdf5_objects import attribute_of, objects
from pipeline import STAGES, run_stage, statuses

REGIONS = "/rnn_output/regions"
PYTABLES_ATTRIBUTES = {"group": ["CLASS", "TITLE", "VERSION"], "array": ["CLASS", "FLAVOR", "TITLE", "VERSION"]}


class PublishTest(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.session = trained_session.copy(self.folder)
        self.h5 = small_session.h5_of(self.session)
        self.flags = small_session.flags()

    def publish(self, *arguments):
        return statuses(self.run_ok("infer_write", self.session, *self.flags, "--publish", *arguments))


class WhatIsWritten(PublishTest):
    def test_the_python_programs_way_of_reading_works(self):
        self.publish()
        with tables.open_file(str(self.h5)) as file:
            regions = file.list_nodes(REGIONS)
            self.assertEqual([region._v_name for region in regions], ["region_all_taste_0", "region_all_taste_1"])
            for region, trials in zip(regions, (8, 7)):
                self.assertEqual(region.pred_firing[:].shape, (trials, 5, 20))
                self.assertEqual(region.latent_out[:].T.shape, (8, trials, 20))
                self.assertEqual(region.pred_x[:].tolist(), list(range(100, 600, 25)))
                np.testing.assert_allclose(region.rate_hz[:], 40 * region.pred_firing[:], rtol=1e-6)
                self.assertEqual(region.time_ms[:].tolist(), [x - 100 + 12.5 for x in range(100, 600, 25)])

    def test_the_same_numbers_stand_in_rates_h5(self):
        self.publish()
        with h5py.File(self.h5) as published, h5py.File(self.session / "rnn_output" / "rates.h5") as rates:
            names = []
            rates["rnn_output"].visititems(lambda name, node: names.append(name) if hasattr(node, "dtype") else None)
            self.assertEqual(len(names), 24)
            for name in names:
                np.testing.assert_array_equal(published["rnn_output"][name][()], rates["rnn_output"][name][()])
            self.assertEqual(published["rnn_output"].attrs["rnn_rates_content_digest"],
                             rates.attrs["content_digest"])

    def test_nodes_and_their_attributes_are_what_pytables_makes(self):
        self.publish()
        own = self.folder / "pytables.h5"
        with tables.open_file(str(own), "w") as file:
            file.create_group("/", "rnn_output", "RNN Output")
            file.create_group("/rnn_output", "regions", "Region-specific RNN Output")
            group = file.create_group(REGIONS, "region_all_taste_0", "Region all Taste 0")
            file.create_array(group, "pred_firing", np.zeros((8, 5, 20)))
            file.create_array(group, "latent_out", np.zeros((20, 8, 8), np.float32))
            file.create_array(group, "pred_x", np.zeros(20, np.int64))
        with tables.open_file(str(own)) as theirs, tables.open_file(str(self.h5)) as ours:
            for node in theirs.walk_nodes("/rnn_output"):
                mine = ours.get_node(node._v_pathname)
                self.assertIs(type(mine), type(node), node._v_pathname)
                if isinstance(node, tables.Array):
                    self.assertEqual((mine.shape, mine.dtype, mine.flavor), (node.shape, node.dtype, node.flavor))
        with h5py.File(own) as theirs, h5py.File(self.h5) as ours:
            for path, kind in [("/rnn_output", "group"), (REGIONS, "group"), (f"{REGIONS}/region_all_taste_0", "group"),
                               *[(f"{REGIONS}/region_all_taste_0/{name}", "array")
                                 for name in ("pred_firing", "latent_out", "pred_x")]]:
                self.assertEqual(sorted(theirs[path].attrs), PYTABLES_ATTRIBUTES[kind])
                for name in PYTABLES_ATTRIBUTES[kind]:
                    self.assertEqual(attribute_of(ours[path], name), attribute_of(theirs[path], name), (path, name))

    def test_pytables_opens_rates_h5_without_a_warning(self):
        self.publish()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for path in (self.session / "rnn_output" / "rates.h5", self.h5):
                with tables.open_file(str(path)) as file:
                    for node in file.walk_nodes(REGIONS, "Array"):
                        node[:]
                        node._v_attrs._f_list("all")
                        self.assertTrue(node.attrs.long_name)

    def test_pytables_can_go_on_editing_the_file(self):
        self.publish()
        with tables.open_file(str(self.h5), "a") as file:
            file.create_array("/rnn_output", "own_analysis", np.arange(3))
            file.remove_node(f"{REGIONS}/region_all_taste_0", recursive=True)
        with tables.open_file(str(self.h5)) as file:
            self.assertEqual([node._v_name for node in file.list_nodes(REGIONS)], ["region_all_taste_1"])


class WhatIsLeftAlone(PublishTest):
    def test_every_other_object_and_its_attributes(self):
        with small_session.edit(self.session) as file:
            file["digital_in/dig_in_0"] = np.arange(1000, dtype=np.int16)
            file.create_dataset("raw/packed", data=np.arange(600).reshape(20, 30), chunks=(5, 30), compression="gzip")
            file["raw"].attrs["note"] = "kept"
            file.attrs["rig"] = 3
        before = objects(self.h5)
        self.publish()
        self.assertEqual(objects(self.h5), before)

    def test_access_rights(self):
        for mode in (0o640, 0o600, 0o664):
            os.chmod(self.h5, mode)
            self.assertEqual(self.publish("--force")["session.h5"], "computed")
            self.assertEqual(stat.S_IMODE(self.h5.stat().st_mode), mode)

    def test_a_link_to_the_file_stays_a_link(self):
        real = self.folder / "elsewhere.h5"
        self.h5.rename(real)
        self.h5.symlink_to(real)
        self.publish()
        self.assertTrue(self.h5.is_symlink())
        with h5py.File(real) as file:
            self.assertIn(REGIONS, file)

    def test_two_sessions_that_links_lead_to_one_recording_are_refused(self):
        (self.folder / "folder_link").symlink_to(self.session)
        (self.folder / "file_link").mkdir()
        (self.folder / "file_link" / "session.h5").symlink_to(self.h5)
        before = self.h5.read_bytes()
        for other in ("folder_link", "file_link"):
            with self.subTest(other):
                self.run_fails(2, [f"'{self.session.name}' and '{other}'", "of one recording", str(self.h5)],
                               "infer_write", self.session, self.folder / other, "-o", self.folder / "out",
                               *self.flags, "--publish")
        self.assertFalse((self.folder / "out").exists())
        self.assertEqual(self.h5.read_bytes(), before)

    def test_no_other_file_is_left_in_the_session_folder(self):
        before = sorted(path.name for path in self.session.iterdir())
        self.publish()
        self.assertEqual(sorted(path.name for path in self.session.iterdir()), before)

    def test_nothing_is_published_unasked(self):
        before = self.h5.read_bytes()
        self.run_ok("infer_write", self.session, *self.flags)
        self.assertEqual(self.h5.read_bytes(), before)


class ChangedMeanwhile(PublishTest):
    """The recording is changed while its copy is written to disk, which a library loaded before others holds up."""

    #: Holds fsync() of the recording's copy from the file HOLD_FSYNC.started on until HOLD_FSYNC.go is there.
    SHIM = """
        #include <fcntl.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        int fsync(int file) {
          char link[64], name[4096] = "", at[4096];
          snprintf(link, sizeof link, "/proc/self/fd/%d", file);
          if (readlink(link, name, sizeof name - 1) > 0 && strstr(name, "/.session.h5.")) {
            snprintf(at, sizeof at, "%s.started", getenv("HOLD_FSYNC"));
            close(open(at, O_CREAT | O_WRONLY, 0600));
            snprintf(at, sizeof at, "%s.go", getenv("HOLD_FSYNC"));
            while (access(at, F_OK) != 0) usleep(1000);
          }
          return syscall(SYS_fsync, file);
        }
        """

    WITHOUT_LOCKS = """
import os, sys
os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"
import h5py
with h5py.File(sys.argv[1], "a") as file:
    file["own_analysis"] = [0, 1, 2]
"""

    def test_the_change_is_kept(self):
        shim = preload.build(self, "hold_fsync", self.SHIM)
        hold = self.folder / "hold"
        process = subprocess.Popen([pipeline.BIN / "infer_write", self.session, *self.flags, "--publish"], text=True,
                                   stderr=subprocess.PIPE,
                                   env={**os.environ, "LD_PRELOAD": str(shim), "HOLD_FSYNC": str(hold)})
        self.addCleanup(process.kill)
        processes.wait_until(process, hold.with_suffix(".started").exists)
        with self.assertRaises(OSError, msg="a program that locks what it writes is kept out"):
            small_session.edit(self.session)
        subprocess.run([sys.executable, "-c", self.WITHOUT_LOCKS, self.h5], check=True, timeout=20)
        changed = self.h5.read_bytes()
        hold.with_suffix(".go").touch()
        said = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 5, said)
        self.assertIn(f"{self.h5}: another program changed it meanwhile. Nothing was published; run again.", said)
        self.assertEqual(self.h5.read_bytes(), changed)
        self.assertFalse(list(self.session.glob(".*")), "leftovers")
        self.publish()
        with h5py.File(self.h5) as file:
            self.assertIn("own_analysis", file)
            self.assertIn(REGIONS, file)


class Again(PublishTest):
    def test_a_second_time_does_nothing(self):
        self.assertEqual(self.publish(), {"rates.h5": "up to date", "session.h5": "computed"})
        before = self.h5.stat()
        self.assertEqual(self.publish(), {"rates.h5": "up to date", "session.h5": "up to date"})
        after = self.h5.stat()
        self.assertEqual((after.st_ino, after.st_mtime_ns), (before.st_ino, before.st_mtime_ns))

    def test_spikes_count_as_unchanged_afterwards(self):
        self.publish()
        report = self.run_all(self.session, *self.flags)
        for stage in STAGES:
            self.assertEqual(set(statuses(report[stage]).values()), {"up to date"}, stage)

    def test_new_rates_take_the_place_of_old_ones_and_the_file_does_not_grow(self):
        self.publish()
        with h5py.File(self.h5) as file:
            first = file[f"{REGIONS}/region_all_taste_0/pred_firing"][()]
        with small_session.edit(self.session) as file:
            file["rnn_output/regions/left_over"] = np.arange(5)
        size = self.h5.stat().st_size
        for steps in range(21, 25):
            self.flags = small_session.flags(train__steps=str(steps))
            self.run_ok("train_rnn", self.session, *self.flags)
            self.assertEqual(self.publish(), {"rates.h5": "computed", "session.h5": "computed"})
        self.assertLess(self.h5.stat().st_size, 1.05 * size)
        with h5py.File(self.h5) as file:
            self.assertEqual(list(file[REGIONS]), ["region_all_taste_0", "region_all_taste_1"])
            self.assertGreater(np.abs(file[f"{REGIONS}/region_all_taste_0/pred_firing"][()] - first).max(), 0)

    def test_input_chooses_among_several_files(self):
        other = self.session / "repacked.h5"
        other.write_bytes(self.h5.read_bytes())
        self.run_fails(4, ["repacked.h5, session.h5", "--input"], "infer_write", self.session, *self.flags, "--publish")
        report = self.run_ok("infer_write", self.session, *self.flags, "--publish", "--input", "repacked.h5")
        self.assertEqual(statuses(report)["repacked.h5"], "computed")
        with h5py.File(other) as chosen, h5py.File(self.h5) as file:
            self.assertIn(REGIONS, chosen)
            self.assertNotIn(REGIONS, file)

    def test_input_without_publish_is_a_usage_error(self):
        done = run_stage("infer_write", self.session, "--input", "session.h5")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--publish", done.stderr)


if __name__ == "__main__":
    pipeline.main()
