"""What a second run computes again, and that equal inputs and settings give equal content whatever else differs."""
import os
import shutil

import h5py
import numpy as np

import mpi_run
import pipeline
import small_session
import trained_session
from pipeline import STAGES, digests, statuses


class ResumeTest(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.session = trained_session.copy(self.folder)
        self.out = self.session / "rnn_output"

    def redone(self, *arguments, session=None, **changes):
        """Runs all stages; returns the ones that computed anything, and fails if one did so for only some files."""
        reports = self.run_all(session or self.session, *arguments, *small_session.flags(**changes))
        found = {stage: set(statuses(report).values()) for stage, report in reports.items()}
        for stage, words in found.items():
            self.assertIn(words, ({"computed"}, {"up to date"}), stage)
        return [stage for stage in STAGES if found[stage] == {"computed"}]

    def contents(self, session=None):
        """{file: content digest} as the files themselves say it."""
        found = {}
        for path in sorted((session or self.session).glob("rnn_output/**/*.h5")):
            with h5py.File(path) as file:
                found[path.name] = file.attrs["content_digest"]
        return found

    def edit_spike(self, ms):
        with small_session.edit(self.session) as file:
            spikes = file["spike_trains/dig_in_0/spike_array"]
            spikes[2, 1, ms] = 1 - spikes[2, 1, ms]


class Settings(ResumeTest):
    def test_nothing_is_redone_without_a_change(self):
        before = {path: path.read_bytes() for path in self.out.rglob("*") if path.is_file()}
        self.assertEqual(self.redone(), [])
        self.assertEqual({path: path.read_bytes() for path in self.out.rglob("*") if path.is_file()}, before)

    def test_size_of_the_network(self):
        self.assertEqual(self.redone(model__hidden_size="6"), ["train_rnn", "infer_write", "plot_rates"])
        self.assertEqual(self.redone(model__hidden_size="6"), [])

    def test_width_of_bins(self):
        self.assertEqual(self.redone(bin_ms="20"), STAGES)

    def test_fits(self):
        self.assertEqual(self.redone(fits__separate_regions="true"), STAGES[1:])

    def test_seed(self):
        self.assertEqual(self.redone(seed="1"), STAGES[1:])

    def test_weights_that_infer(self):
        self.redone(train__validate_every="7")
        self.assertEqual(self.redone(train__validate_every="7", train__weights="best"), ["infer_write", "plot_rates"])

    def test_format_of_the_pictures(self):
        self.assertEqual(self.redone(plots__format="svg"), ["plot_rates"])
        self.assertEqual({path.suffix for path in (self.out / "plots").rglob("*_*")}, {".svg", ".pdf"})

    def test_threads_are_no_change(self):
        self.assertEqual(self.redone("--threads", "1"), [])

    def test_going_back_gives_the_first_content_again(self):
        first = self.contents()
        self.redone(model__hidden_size="6")
        self.assertNotEqual(self.contents(), first)
        self.assertEqual(self.redone(), ["train_rnn", "infer_write", "plot_rates"])
        self.assertEqual(self.contents(), first)


class OtherStagesSettings(pipeline.PipelineTest):
    """A stage reads no setting that its digest does not cover."""

    def check(self, *flags):
        session = small_session.write(self.folder / "session")
        flags += tuple(small_session.flags()[2:])
        reports = self.run_all(session, *flags, stages=STAGES[:4])
        for other in (["mask.block_bins=1"], ["mask.block_bins=3", "mask.probability=0.5"]):
            other = [word for setting in other for word in ("--set", setting)]
            self.assertEqual(statuses(self.run_ok("infer_write", session, *flags, *other)), {"rates.h5": "up to date"})
            again = self.run_ok("infer_write", session, *flags, *other, "--force")
            self.assertEqual(statuses(again), {"rates.h5": "computed"})
            self.assertEqual(digests(again), digests(reports["infer_write"]))

    def test_rates_do_not_follow_the_mask_of_a_later_run(self):
        self.check("--set", "model.hidden_size=4", "--set", "infer.baselines=true")

    def test_neither_do_scores_beside_the_autoencoder(self):
        self.check("-c", pipeline.REFERENCE, "--set", "infer.baselines=true")

    def test_the_recording_is_read_as_extract_bins_read_it(self):
        session = trained_session.copy(self.folder)
        # Nothing tells which trials had the laser on, so that to read it so would be an error.
        report = self.run_ok("infer_write", session, "--nwb", *small_session.flags(laser="separate"))
        self.assertEqual(statuses(report), {"rates.h5": "up to date", "rates.nwb": "computed"})

    def test_the_model_holds_its_mask(self):
        flags = ["--set", "mask.block_bins=3", "--set", "mask.probability=0.5", *small_session.flags()[2:]]
        session = small_session.write(self.folder / "session")
        self.run_all(session, *flags, stages=STAGES[:3])
        with h5py.File(session / "rnn_output/models/region_all_taste_all_fold_0.h5") as file:
            self.assertEqual((file["mask/block_bins"][()], file["mask/probability"][()]), (3, 0.5))

    def test_scores_hide_the_same_whatever_the_training_hid(self):
        session = small_session.write(self.folder / "session")
        kernels, networks = [], []
        for mask in (["mask.block_bins=8", "mask.probability=0.25"], ["mask.block_bins=3", "mask.probability=0.5"]):
            flags = [word for setting in mask for word in ("--set", setting)] + small_session.flags()[2:]
            report = self.run_all(session, *flags, stages=STAGES[:4])["infer_write"]
            scores = report["sessions"][0]["scores"]["region_all_taste_all"]
            of_methods = {score["method"]: score["bits_per_hidden_spike"] for score in scores}
            kernels.append(of_methods["gaussian"])
            networks.append(of_methods["rnn"])
        self.assertEqual(*kernels)
        self.assertNotEqual(*networks)


class Recording(ResumeTest):
    def test_touching_the_file_redoes_nothing(self):
        os.utime(small_session.h5_of(self.session))
        self.assertEqual(self.redone(), [])

    def test_a_copy_of_other_layout_with_equal_spikes_redoes_nothing(self):
        with small_session.edit(self.session) as file:
            for taste in (0, 1):
                path = f"spike_trains/dig_in_{taste}/spike_array"
                spikes = file[path][()]
                del file[path]
                file.create_dataset(path, data=spikes.astype(np.uint8), chunks=(1, 5, 250), compression="gzip")
        self.assertEqual(self.redone(), [])

    def test_moving_and_renaming_all_redoes_nothing(self):
        moved = self.folder / "elsewhere" / "renamed"
        moved.parent.mkdir()
        shutil.move(self.session, moved)
        (moved / "session.h5").rename(moved / "renamed.h5")
        (moved / "session.info").rename(moved / "renamed.info")
        self.assertEqual(self.redone(session=moved), [])

    def test_a_changed_spike_redoes_all(self):
        self.edit_spike(400)
        self.assertEqual(self.redone(), STAGES)

    def test_a_changed_spike_outside_the_window_redoes_nothing(self):
        self.edit_spike(900)
        self.assertEqual(self.redone(), [])

    def test_other_taste_names_redo_all(self):
        info = self.session / "session.info"
        info.write_text(info.read_text().replace("quinine", "sodium chloride"))
        self.assertEqual(self.redone(), STAGES)

    def test_other_notes_in_the_info_file_redo_nothing(self):
        info = self.session / "session.info"
        info.write_text(info.read_text().replace("{", '{"notes": "a long day",', 1))
        self.assertEqual(self.redone(), [])


class Files(ResumeTest):
    def test_one_missing_model_is_trained_alone_and_comes_out_the_same(self):
        first = self.contents()
        (self.out / "models" / "region_all_taste_1.h5").unlink()
        report = self.run_ok("train_rnn", self.session, *small_session.flags())
        self.assertEqual(statuses(report), {"region_all_taste_0.h5": "up to date", "region_all_taste_1.h5": "computed"})
        self.assertEqual(self.contents(), first)
        self.assertEqual(self.redone(), [])

    def test_a_missing_picture_is_drawn_again(self):
        for path in (self.out / "plots" / "mean_rates_region_all.png", self.out / "report.html"):
            path.unlink()
            self.assertEqual(self.redone(), ["plot_rates"])
            self.assertTrue(path.exists())

    def test_what_a_killed_run_left_behind_is_no_obstacle(self):
        for folder in (self.out, self.out / "models"):
            (folder / ".bins.h5.host.123.tmp").write_bytes(b"half a file")
        (self.session / ".session.h5.host.123.tmp").write_bytes(b"half a file")
        self.assertEqual(self.redone(), [])

    def test_force_computes_again_with_the_same_content(self):
        first = self.contents()
        self.assertEqual(self.redone("--force"), STAGES)
        self.assertEqual(self.contents(), first)

    def test_a_model_of_an_older_pca_file_is_refused(self):
        self.run_ok("reduce_pca", self.session, *small_session.flags(pca__variance="0.8"))
        self.run_fails(4, ["region_all_taste_0.h5", "another pca.h5", "Run train_rnn again"], "infer_write",
                       self.session, *small_session.flags(pca__variance="0.8"))

    def test_each_file_of_older_ones_is_refused_naming_the_stage(self):
        self.run_ok("extract_bins", self.session, *small_session.flags(bin_ms="50"))
        self.run_fails(4, ["pca.h5", "another bins.h5", "Run reduce_pca again"], "infer_write", self.session)
        self.run_fails(4, ["rates.h5", "another bins.h5", "Run infer_write again"], "plot_rates", self.session)
        self.run_ok("extract_bins", self.session, *small_session.flags())
        self.run_ok("train_rnn", self.session, *small_session.flags(model__hidden_size="3"))
        self.run_fails(4, ["rates.h5", "another region_all_taste_0.h5", "Run infer_write again"], "plot_rates",
                       self.session)


class Same(ResumeTest):
    """Content digests, of runs from the start into folders of their own."""

    def fresh(self, name, *arguments, prefix=(), env=None, **changes):
        """{file name: content digest} of all four stages that write HDF5, in a folder that is called `name`."""
        session = self.folder / name
        shutil.copytree(self.session, session, ignore=shutil.ignore_patterns("rnn_output"))
        found = {}
        for stage in STAGES[:4]:
            report = self.run_ok(stage, session, *arguments, *small_session.flags(**changes), prefix=prefix, env=env)
            self.assertEqual(set(statuses(report).values()), {"computed"})
            found.update(digests(report))
        self.assertEqual(len(found), 5)
        return found

    def setUp(self):
        super().setUp()
        self.first = {name: digest.decode() for name, digest in self.contents().items()}

    def test_in_another_folder(self):
        self.assertEqual(self.fresh("another"), self.first)

    def test_with_one_thread_and_with_two(self):
        self.assertEqual(self.fresh("one", "--threads", "1"), self.first)
        self.assertEqual(self.fresh("two", "--threads", "2"), self.first)

    def test_on_two_ranks(self):
        self.assertEqual(self.fresh("ranks", **mpi_run.on(2)), self.first)

    def test_not_with_another_seed(self):
        other = self.fresh("seed", seed="1")
        self.assertEqual(other.pop("bins.h5"), self.first.pop("bins.h5"))
        for name, digest in other.items():
            self.assertNotEqual(digest, self.first[name], name)


class Ranks(ResumeTest):
    """Two ranks share fits or sessions, report as one and fail as one."""

    def test_fits_of_one_session_are_shared_and_reported_together(self):
        shutil.rmtree(self.out / "models")
        report = self.run_ok("train_rnn", self.session, *small_session.flags(), **mpi_run.on(2))
        self.assertEqual(len(report["sessions"]), 1)
        self.assertEqual(statuses(report), {f"region_all_taste_{taste}.h5": "computed" for taste in (0, 1)})

    def test_sessions_are_shared(self):
        sessions = [small_session.write(self.folder / name) for name in "abc"]
        report = self.run_ok("extract_bins", *sessions, *small_session.flags(), **mpi_run.on(2))
        self.assertEqual(sorted(session["session"] for session in report["sessions"]), ["a", "b", "c"])
        self.assertTrue(all((session / "rnn_output" / "bins.h5").exists() for session in sessions))

    def test_a_failure_on_one_rank_is_the_exit_code_of_all(self):
        bad = self.folder / "bad"
        bad.mkdir()
        self.run_fails(4, [str(bad), "no .h5 file"], "extract_bins", self.session, bad, *small_session.flags(),
                       **mpi_run.on(2))
        self.run_fails(8, [str(bad), "no .h5 file"], "extract_bins", self.session, bad, *small_session.flags(),
                       "--keep-going", **mpi_run.on(2))


if __name__ == "__main__":
    pipeline.main()
