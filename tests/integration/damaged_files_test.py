"""Files between the stages that are damaged or foreign: exit code 4, naming the stage that makes them."""
import h5py
import numpy as np

import pipeline
import small_session
import trained_session
from pipeline import statuses
from refusals import RefusalTest

FIT = "region_all_taste_0"
PATHS = {"extract_bins": "bins.h5", "reduce_pca": "pca.h5", "train_rnn": f"models/{FIT}.h5", "infer_write": "rates.h5"}
READERS = [("reduce_pca", "extract_bins"), ("infer_write", "extract_bins"), ("plot_rates", "extract_bins"),
           ("train_rnn", "reduce_pca"), ("infer_write", "reduce_pca"), ("infer_write", "train_rnn"),
           ("plot_rates", "train_rnn"), ("plot_rates", "infer_write")]


class Artifacts(RefusalTest):
    def setUp(self):
        super().setUp()
        self.session = trained_session.copy(self.folder)

    def damaged(self, damage, *words, readers=READERS):
        """Damages the file of each stage in turn and runs the stages that read it, which would compute otherwise."""
        for reader, maker in readers:
            with self.subTest(reader=reader, maker=maker):
                path = self.session / "rnn_output" / PATHS[maker]
                kept = path.read_bytes()
                damage(path)
                try:
                    self.fails(4, [str(path), f"{maker} --force", *words], reader, self.session, "--force")
                finally:
                    path.write_bytes(kept)

    def test_missing(self):
        for reader, maker in READERS:
            with self.subTest(reader=reader, maker=maker):
                path = self.session / "rnn_output" / PATHS[maker]
                aside = self.folder / "aside"
                path.rename(aside)
                self.fails(4, [str(path), f"Run {maker} first"], reader, self.session)
                aside.rename(path)

    def test_truncated(self):
        self.damaged(lambda path: small_session.truncate(path, 0.7), "not a whole HDF5 file")

    def test_empty(self):
        self.damaged(lambda path: small_session.truncate(path, 0))

    def test_of_another_program(self):
        def write_foreign(path):
            with h5py.File(path, "w") as file:
                file["counts"] = np.zeros(3)
        self.damaged(write_foreign, "not made by this program")

    def test_of_another_stage(self):
        other = (self.session / "rnn_output" / "models" / "region_all_taste_1.h5").read_bytes()
        bins = (self.session / "rnn_output" / "bins.h5").read_bytes()
        self.damaged(lambda path: path.write_bytes(other if path.name == "bins.h5" else bins), "it is of kind")

    def test_of_a_later_format(self):
        def edit(path):
            with h5py.File(path, "a") as file:
                file.attrs["schema_version"] = "99.0"
        self.damaged(edit, "version 99.0, expected ")

    def test_unfinished(self):
        def edit(path):
            with h5py.File(path, "a") as file:
                del file.attrs["complete"]
        self.damaged(edit, "never finished")

    def test_one_flipped_bit(self):
        datasets = {"bins.h5": "tastes/001/counts", "pca.h5": f"fits/{FIT}/scores",
                    f"{FIT}.h5": "weights/last/rnn.weight_hh_l0", "rates.h5": f"rnn_output/regions/{FIT}/rate_hz"}
        readers = [pair for pair in READERS if pair != ("plot_rates", "train_rnn")]
        self.damaged(lambda path: small_session.flip_bit_of(path, datasets[path.name]), "damaged", readers=readers)

    def test_content_changed_by_hand(self):
        datasets = {"bins.h5": "tastes/001/counts", "pca.h5": f"fits/{FIT}/mean", f"{FIT}.h5": "train_loss",
                    "rates.h5": f"rnn_output/regions/{FIT}/rate_hz"}

        def drop(file, name):
            del file[name]

        def shorten(file, name):
            small_session.replace(file, name, file[name][..., :-1])

        def add_one(file, name):
            file[name][..., 0] += 1

        for change in (drop, shorten, add_one):
            def edit(path):
                with h5py.File(path, "a") as file:
                    change(file, datasets[path.name])
            self.damaged(edit, "content is not what was written")

    def test_a_stage_does_not_overwrite_what_is_not_its_own_unless_forced(self):
        for stage, name in PATHS.items():
            with self.subTest(stage):
                path = self.session / "rnn_output" / name
                path.unlink()
                with h5py.File(path, "w") as file:
                    file["precious"] = np.arange(5)
                self.fails(4, [str(path), "in the way", f"{stage} --force"], stage, self.session)
                report = self.run_ok(stage, self.session, *small_session.flags(), "--force")
                self.assertEqual(statuses(report)[path.name], "computed")

    def test_a_damaged_file_of_its_own_is_replaced_if_forced(self):
        for stage, name in PATHS.items():
            with self.subTest(stage):
                path = self.session / "rnn_output" / name
                small_session.truncate(path, 0.7)
                self.fails(4, [str(path), "not a whole HDF5 file", f"{stage} --force"], stage, self.session)
                self.run_ok(stage, self.session, *small_session.flags(), "--force")

    def test_publishing_into_a_damaged_session_file(self):
        h5 = small_session.h5_of(self.session)
        small_session.truncate(h5, 0.7)
        self.fails(4, [str(h5), "not a whole HDF5 file"], "infer_write", self.session, "--publish")


if __name__ == "__main__":
    pipeline.main()
