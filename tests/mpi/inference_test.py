"""infer_write with one session on several ranks, which write its rates.h5 together, and with more sessions than ranks."""
import json

import h5py
import numpy as np

import content_digest
import mpi_run
import pipeline
import small_session
import trained_session
from hdf5_objects import objects
from refusals import AS_USER

FLAGS = small_session.flags()


class OneSession(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.session = trained_session.copy(self.folder)
        self.rates = self.session / "rnn_output/rates.h5"
        self.serial = objects(self.rates)

    def infer(self, ranks, *arguments):
        return self.run_ok("infer_write", self.session, *FLAGS, *arguments, **mpi_run.on(ranks))

    def test_the_file_is_that_of_one_rank(self):
        header = {"created_utc", "command"}
        for ranks in (2, 3, 4):
            with self.subTest(ranks):
                report = self.infer(ranks, "--force")
                self.assertEqual(report["sessions"][0]["outputs"][0]["status"], "computed")
                found = objects(self.rates)
                self.assertEqual(list(found), list(self.serial))
                for name, what in self.serial.items():
                    if name == "/":
                        one, other = ({k: v for k, v in o[1].items() if k not in header} for o in (what, found[name]))
                        self.assertEqual(one, other)
                    else:
                        self.assertEqual(found[name], what, name)
                self.assertEqual(content_digest.content_digest(self.rates),
                                 report["sessions"][0]["outputs"][0]["content_digest"])
                self.infer(1, "--verify")
                self.assertEqual(pipeline.statuses(self.infer(ranks)), {"rates.h5": "up to date"})

    def test_rates_are_chunked_by_trial_and_checksummed(self):
        self.infer(3, "--force")
        with h5py.File(self.rates) as file:
            for fit in file["rnn_output/regions"].values():
                self.assertEqual(fit["rate_hz"].chunks, (1, *fit["rate_hz"].shape[1:]))
                self.assertTrue(fit["rate_hz"].fletcher32 and fit["pred_firing"].fletcher32)
                self.assertGreater(np.ptp(fit["rate_hz"][-1]), 0)

    def test_publishing_puts_the_same_into_the_session(self):
        self.infer(3, "--force", "--publish")
        with h5py.File(small_session.h5_of(self.session)) as file, h5py.File(self.rates) as rates:
            name = "rnn_output/regions/region_all_taste_0/pred_firing"
            np.testing.assert_array_equal(file[name][()], rates[name][()])

    def test_a_missing_model_ends_all_ranks_with_one_message(self):
        (self.session / "rnn_output/models/region_all_taste_1.h5").unlink()
        before = self.rates.read_bytes()
        done = pipeline.run_stage("infer_write", self.session, *FLAGS, "--force", **mpi_run.on(3))
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual(done.stderr.count("Run train_rnn first"), 1, done.stderr)
        self.assertEqual(self.rates.read_bytes(), before)

    def test_other_settings_are_warned_of_once_a_fit(self):
        done = pipeline.run_stage("infer_write", self.session, *FLAGS, "--set", "train.steps=21", **mpi_run.on(3))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count("was made with other settings"), 2, done.stderr)

    def test_a_folder_that_cannot_be_written_ends_all_ranks(self):
        launch = mpi_run.on(2)
        out = self.session / "rnn_output"
        out.chmod(0o555)
        self.addCleanup(out.chmod, 0o755)
        done = pipeline.run_stage("infer_write", self.session, *FLAGS, "--force", prefix=[*AS_USER, *launch["prefix"]],
                                  env=launch["env"])
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertEqual(done.stderr.count("error:"), 1, done.stderr)

    def test_a_limit_on_the_size_of_files_is_met_with_code_5_and_the_old_file_stays(self):
        before = self.rates.read_bytes()
        script = ["bash", "-c", 'trap "" XFSZ; ulimit -f 40; exec "$@"', "-"]
        launch = mpi_run.on(2)
        # The limit holds for the ranks, not for mpirun.
        done = pipeline.run_stage("infer_write", self.session, *FLAGS, "--force", prefix=[*launch["prefix"], *script],
                                  env={**launch["env"], **mpi_run.WITHOUT_SHARED_FILES})
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("rates.h5", done.stderr)
        self.assertEqual(self.rates.read_bytes(), before)
        self.assertFalse(list(self.rates.parent.glob(".*")))


class Sessions(pipeline.PipelineTest):
    def test_groups_of_ranks_and_sharing_give_the_same(self):
        sessions = [trained_session.copy(self.folder / name) for name in "abc"]
        manifest = self.folder / "sessions.tsv"
        manifest.write_text("".join(f"{name}/session\t{name}\n" for name in "abc"))
        found = set()
        for ranks in (2, 3, 4, 5):
            report = self.run_ok("infer_write", "--manifest", manifest, *FLAGS, "--force", **mpi_run.on(ranks))
            self.assertEqual([s["session"] for s in report["sessions"]], ["a", "b", "c"])
            found |= {o["content_digest"] for s in report["sessions"] for o in s["outputs"]}
        self.assertEqual(len(found), 1)
        self.assertEqual(len(sessions), 3)

    def test_one_bad_session_of_two_on_four_ranks(self):
        good, bad = (trained_session.copy(self.folder / name) for name in "gb")
        (bad / "rnn_output/pca.h5").unlink()
        manifest = self.folder / "sessions.tsv"
        manifest.write_text("b/session\tb\ng/session\tg\n")
        done = pipeline.run_stage("infer_write", "--manifest", manifest, *FLAGS, "--force", "--keep-going", "--json",
                                  **mpi_run.on(4))
        self.assertEqual(done.returncode, 8, done.stderr)
        first, second = json.loads(done.stdout)["sessions"]
        self.assertEqual((first["exit_code"], second["outputs"][0]["status"]), (4, "computed"))


if __name__ == "__main__":
    pipeline.main()
