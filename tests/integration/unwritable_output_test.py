"""Folders that cannot be written to and full disks: exit code 5, naming the folder, all files as they were."""
import os
import shutil

import mpi_run
import pipeline
import small_session
import trained_session
from pipeline import STAGES, statuses
from refusals import AS_USER, RefusalTest

FIT = "region_all_taste_0"
PATHS = {"extract_bins": "bins.h5", "reduce_pca": "pca.h5", "train_rnn": f"models/{FIT}.h5", "infer_write": "rates.h5"}


class Output(RefusalTest):
    def setUp(self):
        super().setUp()
        self.session = trained_session.copy(self.folder)
        self.out = self.session / "rnn_output"

    def lock(self, folder):
        folder.chmod(0o555)
        self.addCleanup(folder.chmod, 0o755)
        return folder

    def test_read_only_session_folder(self):
        shutil.rmtree(self.out)
        self.lock(self.session)
        self.fails(5, [str(self.session), "Permission denied", "--out"], "extract_bins", self.session, prefix=AS_USER)
        self.run_ok("extract_bins", self.session, *small_session.flags(), "-o", self.folder / "out", prefix=AS_USER)

    def test_standard_output_that_takes_nothing(self):
        """As where a workflow keeps what --json prints on a disk that is full."""
        into_full = ["sh", "-c", 'exec "$@" >/dev/full', "-"]
        for stage in STAGES:
            with self.subTest(stage):
                self.run_fails(5, ["standard output", "No space left"], stage, self.session, *small_session.flags(),
                               "--json", prefix=into_full)
        options = mpi_run.on(2)
        options["prefix"] = [*options["prefix"], *into_full]
        self.run_fails(5, ["standard output", "No space left"], "train_rnn", self.session, *small_session.flags(),
                       "--json", **options)

    def test_a_folder_where_the_list_of_pictures_is_to_be(self):
        path = self.out / "plots/manifest.json"
        path.unlink()
        path.mkdir()
        self.run_fails(5, [str(path), "Is a directory"], "plot_rates", self.session, *small_session.flags())

    def test_read_only_folder_of_results(self):
        for stage, folder in [("extract_bins", self.out), ("reduce_pca", self.out), ("train_rnn", self.out / "models"),
                              ("infer_write", self.out), ("plot_rates", self.out / "plots")]:
            with self.subTest(stage):
                self.lock(folder)
                self.fails(5, [str(folder), "Permission denied"], stage, self.session, "--force", prefix=AS_USER)
                folder.chmod(0o755)

    def test_read_only_results_that_are_up_to_date_are_fine(self):
        for folder in (self.out / "models", self.out / "plots", self.out, self.session):
            self.lock(folder)
        os.utime(small_session.h5_of(self.session))
        for stage in STAGES:
            report = self.run_ok(stage, self.session, *small_session.flags(), prefix=AS_USER)
            self.assertEqual(set(statuses(report).values()), {"up to date"})

    def test_folders_that_may_not_be_listed(self):
        self.out.chmod(0o311)
        for stage in ("extract_bins", "reduce_pca", "infer_write", "plot_rates"):
            with self.subTest(stage):
                self.fails(5, [str(self.out), "cannot be listed", "Permission denied"], stage, self.session, "--force",
                           prefix=AS_USER)
        self.out.chmod(0o755)
        self.assertFalse([path for path in self.out.rglob(".*")])

    def test_publishing_into_a_read_only_folder(self):
        self.lock(self.session)
        self.fails(5, [str(self.session), "Permission denied"], "infer_write", self.session, "--publish",
                   prefix=AS_USER)

    def test_publishing_into_a_read_only_file(self):
        h5 = small_session.h5_of(self.session)
        h5.chmod(0o444)
        self.fails(5, [str(h5), "read-only"], "infer_write", self.session, "--publish", prefix=AS_USER)

    def test_out_that_is_a_file(self):
        (self.folder / "out").write_text("")
        self.fails(5, [str(self.folder / "out")], "extract_bins", self.session, "-o", self.folder / "out")

    def on_full_disk(self, kilobytes):
        """Runs a program that can write no file larger than this."""
        return ["bash", "-c", f'trap "" XFSZ; ulimit -f {kilobytes}; exec "$@"', "bash"]

    def test_full_disk(self):
        for stage, name in PATHS.items():
            with self.subTest(stage):
                self.fails(5, [str((self.out / name).parent), "File too large"], stage, self.session, "--force",
                           "--threads", "1", prefix=self.on_full_disk(4))

    def test_disk_that_fills_up_while_publishing(self):
        h5 = small_session.h5_of(self.session)
        size = h5.stat().st_size // 1024
        for kilobytes in (4, size // 2, size + 1, size + 8, size + 40):
            with self.subTest(kilobytes=kilobytes):
                self.fails(5, ["session.h5", "File too large"], "infer_write", self.session, "--publish",
                           prefix=self.on_full_disk(kilobytes))


if __name__ == "__main__":
    pipeline.main()
