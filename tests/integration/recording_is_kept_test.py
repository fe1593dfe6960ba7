"""A recording is never an output: whatever a command names, and with --force, it stays as it is."""
import os
import shutil

import h5py
import numpy as np

import pipeline
import small_session
import trained_session
from pipeline import STAGES, run_stage


class Simulating(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.session = small_session.write(self.folder / "rat12")

    def files(self):
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def refused(self, named, folder=None):
        before = self.files()
        self.run_fails(5, [str(named), "nothing is written over it"], "extract_bins", "--simulate", folder or self.session)
        self.assertEqual(self.files(), before)

    def test_a_recording_is_not_replaced(self):
        self.refused(small_session.h5_of(self.session))

    def test_nor_by_way_of_a_link(self):
        other = self.folder / "other"
        other.mkdir()
        (other / "other.h5").symlink_to(small_session.h5_of(self.session))
        self.refused(other / "other.h5", other)
        (other / "other.h5").unlink()
        os.link(small_session.h5_of(self.session), other / "other.h5")
        self.refused(other / "other.h5", other)

    def test_nor_is_its_info_nor_a_recording_of_another_name(self):
        h5 = small_session.h5_of(self.session)
        h5.rename(self.session / "repacked.h5")
        self.refused(self.session / "rat12.info")
        (self.session / "rat12.info").unlink()
        self.refused(self.session / "repacked.h5")

    def test_a_simulated_session_is_replaced_by_another(self):
        simulated = self.folder / "simulated"
        for seed in (1, 2):
            done = run_stage("extract_bins", "--simulate", simulated, "--set", f"seed={seed}")
            self.assertEqual(done.returncode, 0, done.stderr)
            with h5py.File(simulated / "simulated.h5") as file:
                self.assertEqual(file.attrs["seed"], seed)
        with self.subTest("unless something was put into it"):
            with small_session.edit(simulated) as file:
                file["own_analysis"] = np.arange(3)
            self.refused(simulated / "simulated.h5", simulated)
        with self.subTest("or its spikes are others now"):
            with small_session.edit(simulated) as file:
                del file["own_analysis"]
                spikes = file["spike_trains/dig_in_0/spike_array"]
                spikes[0, 0, 0] = 1 - spikes[0, 0, 0]
            self.refused(simulated / "simulated.h5", simulated)


class NamedLikeAResult(pipeline.PipelineTest):
    """Results that would lie where a recording does."""

    def kept(self, code, words, *arguments, stages=STAGES):
        before = {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
        for stage in stages:
            for force in ([], ["--force"], ["-n"]):
                done = run_stage(stage, *arguments, *small_session.flags(), *force)
                self.assertEqual(done.returncode, code, done.stderr)
                for word in words:
                    self.assertIn(word, done.stderr)
                self.assertEqual({path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}, before)

    def test_the_folder_of_results_is_that_of_the_recording(self):
        for name in ("bins", "pca", "rates", "rat12"):
            with self.subTest(name):
                session = small_session.write(self.folder / name)
                self.kept(2, [str(session), "--out"], session, "-o", self.folder)
                self.kept(2, [str(session), "--out"], small_session.h5_of(session), "-o", self.folder)
                shutil.rmtree(session)

    def test_a_folder_inside_that_of_results_is_that_of_the_recording(self):
        (self.folder / "list").mkdir()
        for inside in ("models", "plots"):
            session = small_session.write(self.folder / "out/rat" / inside)
            listed = self.folder / f"list/{inside}.tsv"
            listed.write_text(f"{session}\trat\n")
            with self.subTest(inside):
                self.kept(2, [str(session)], "--manifest", listed, "-o", self.folder / "out")
            shutil.rmtree(self.folder / "out")

    def test_it_is_the_folder_of_another_session(self):
        sessions = [small_session.write(self.folder / name) for name in ("a", "b")]
        listed = self.folder / "list.tsv"
        listed.write_text(f"{sessions[0]}\tb\n{sessions[1]}\tc\n")
        self.kept(2, [str(sessions[1])], "--manifest", listed, "-o", self.folder)

    def test_an_output_is_a_link_to_the_recording(self):
        for link in (os.symlink, os.link):
            for name in ("bins.h5", "pca.h5", "rates.h5", "rates.nwb", "report.html", "models/region_all_taste_0.h5",
                         "models/region_all_taste_0.ckpt.h5", "plots/losses.png"):
                with self.subTest(f"{link.__name__} {name}"):
                    session = small_session.write(self.folder / "session")
                    output = session / "rnn_output" / name
                    output.parent.mkdir(parents=True)
                    link(small_session.h5_of(session), output)
                    self.kept(5, [str(output), str(small_session.h5_of(session))], session, stages=STAGES[:1])
                    shutil.rmtree(session)

    def test_an_output_is_what_an_earlier_stage_made(self):
        session = trained_session.copy(self.folder)
        out = session / "rnn_output"
        (out / "rates.h5").unlink()
        (out / "rates.h5").symlink_to("bins.h5")
        self.kept(5, ["rates.h5", "bins.h5"], session, stages=["infer_write"])

    def test_the_file_that_input_names_is_an_output(self):
        session = trained_session.copy(self.folder)
        rates = session / "rnn_output/rates.h5"
        self.kept(5, [str(rates)], session, "--publish", "--input", rates, stages=["infer_write"])

    def test_another_recording_has_the_name_of_a_result(self):
        session = trained_session.copy(self.folder)
        theirs = session / "rnn_output/bins.h5"
        shutil.copy(small_session.h5_of(session), theirs)
        before = theirs.read_bytes()
        self.run_fails(5, [str(theirs), "it is a recording"], "extract_bins", session, *small_session.flags(), "--force")
        self.assertEqual(theirs.read_bytes(), before)
        with self.subTest("rates.nwb"):
            shutil.copy(small_session.h5_of(session), session / "rnn_output/rates.nwb")
            theirs.unlink()
            self.run_ok("extract_bins", session, *small_session.flags())
            self.run_fails(5, ["rates.nwb", "nothing is written over it"], "infer_write", session, *small_session.flags(),
                           "--nwb", "--force")


if __name__ == "__main__":
    pipeline.main()
