"""Files that were made for something else, put in each other's place by hand: every stage that reads one refuses it with
exit code 4, says what it was made for and what to do, and so does --verify."""
import shutil
import signal
import subprocess
from pathlib import Path

import pipeline
import processes
import small_session

#: The default recipe, a fit for each taste, two networks each.
FLAGS = ["--set", "time_lims_ms=[0, 1000]", "--set", "stim_ms=300", "--set", "train.folds=2",
         "--set", "fits.separate_tastes=true", "--threads", "4"]
SHORT = [*FLAGS, "--set", "train.steps=20"]
#: Never finished.
LONG = [*FLAGS, "--set", "train.steps=100000", "--set", "train.patience=0"]
NETWORK = "region_all_taste_{}_fold_{}"


class MisplacedFiles(pipeline.PipelineTest):
    def write_session(self, name, seed=0):
        spikes = small_session.draw_spikes(trials=(8, 8), units=6, seed=seed)
        return small_session.write(self.folder / name, spikes, info=False, descriptor=False)

    def trained(self, name, seed=0, flags=SHORT):
        session = self.write_session(name, seed)
        for stage in pipeline.STAGES[:4]:
            self.run_ok(stage, session, *flags)
        return session

    def refused_everywhere(self, session, *words, train=True):
        stages = [["train_rnn"], ["infer_write", "--force"], ["plot_rates"]]
        for command in [*stages[0 if train else 1:], *([stage[0], "--verify"] for stage in stages)]:
            with self.subTest(" ".join(command)):
                self.run_fails(4, words, *command, session, *SHORT)

    def test_models_of_another_fold_or_fit(self):
        session = self.trained("a")
        models = session / "rnn_output/models"
        model = models / f"{NETWORK.format(0, 1)}.h5"
        whole = model.read_bytes()
        for other in (NETWORK.format(0, 0), NETWORK.format(1, 1)):
            shutil.copy(models / f"{other}.h5", model)
            self.refused_everywhere(session, str(model), other, f"expected {NETWORK.format(0, 1)}", "train_rnn --force")
        model.write_bytes(whole)
        for stage in pipeline.STAGES:
            self.run_ok(stage, session, *SHORT)
            self.run_ok(stage, session, *SHORT, "--verify")

    def test_models_and_results_of_another_session(self):
        session, other = self.trained("a"), self.trained("b", seed=1)
        model = f"models/{NETWORK.format(0, 0)}.h5"
        out = session / "rnn_output"
        for name, train, words in ((model, True, ["session 'b'", "expected session 'a'", "train_rnn --force"]),):
            shutil.copy(other / "rnn_output" / name, out / name)
            self.run_fails(4, [str(out / name), *words], "train_rnn", session, *SHORT)
            for command in (["infer_write", "--force"], ["infer_write", "--verify"], ["train_rnn", "--verify"],
                            ["plot_rates"], ["plot_rates", "--verify"]):
                with self.subTest(f"{name} {command}"):
                    self.run_fails(4, [Path(name).name], *command, session, *SHORT)
        self.run_ok("train_rnn", session, *SHORT, "--force")
        self.run_ok("infer_write", session, *SHORT)
        for name, maker in (("pca.h5", "reduce_pca"), ("rates.h5", "infer_write")):
            whole = (out / name).read_bytes()
            shutil.copy(other / "rnn_output" / name, out / name)
            with self.subTest(name):
                self.run_fails(4, [name, "than the present one", f"Run {maker} again"], "infer_write", session, *SHORT,
                               "--verify")
            (out / name).write_bytes(whole)

    def test_models_of_another_seed(self):
        session, other = self.trained("a"), self.trained("b/a", flags=[*SHORT, "--set", "seed=7"])
        model = f"models/{NETWORK.format(0, 0)}.h5"
        shutil.copy(other / "rnn_output" / model, session / "rnn_output" / model)
        for command in (["infer_write", "--force"], ["infer_write", "--verify"], ["train_rnn", "--verify"]):
            with self.subTest(" ".join(command)):
                self.run_fails(4, [model, "another pca.h5", "Run train_rnn again"], *command, session, *SHORT)
        report = self.run_ok("train_rnn", session, *SHORT)
        self.assertEqual(sorted(pipeline.statuses(report).values()), ["computed", *["up to date"] * 3])

    def stopped_in_training(self, name, seed=0):
        session = self.write_session(name, seed)
        for stage in pipeline.STAGES[:2]:
            self.run_ok(stage, session, *LONG)
        process = subprocess.Popen([pipeline.BIN / "train_rnn", session, *LONG], stderr=subprocess.PIPE,
                                   text=True)
        processes.wait_until_catching(process, signal.SIGTERM)
        processes.wait_until_worked(process, 0.5)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 75, said)
        return session, session / "rnn_output/models"

    def test_checkpoints_of_training(self):
        session, models = self.stopped_in_training("a")
        _, others = self.stopped_in_training("b", seed=1)
        names = sorted(path.name for path in models.glob("*.ckpt.h5") if (others / path.name).exists())
        self.assertGreaterEqual(len(names), 2)
        checkpoint = models / names[0]
        whole = checkpoint.read_bytes()
        for source, found, expected in ((models / names[1], names[1][:-8], names[0][:-8]),
                                        (others / names[0], "session 'b'", "session 'a'")):
            shutil.copy(source, checkpoint)
            with self.subTest(found):
                self.run_fails(4, [str(checkpoint), found, f"expected {expected}", "train_rnn --force"],
                               "train_rnn", session, *LONG)
        checkpoint.write_bytes(whole)

    def test_what_a_stopped_infer_write_left(self):
        session = self.trained("a")
        out = session / "rnn_output"
        parts = [out / f"rates.h5.region_all_taste_{taste}.part" for taste in (0, 1)]
        (out / "rates.h5").unlink()
        work_s = 0.1
        while not parts[0].exists() and not parts[1].exists():
            process = subprocess.Popen([pipeline.BIN / "infer_write", session, *SHORT], stderr=subprocess.PIPE, text=True)
            processes.wait_until_catching(process, signal.SIGTERM)
            processes.wait_until_worked(process, work_s)
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=60)[1]
            self.assertIn(process.returncode, (0, 75), said)
            (out / "rates.h5").unlink(missing_ok=True)
            work_s *= 1.2 if process.returncode == 75 else 0.6
        made, other = parts if parts[0].exists() else reversed(parts)
        made.rename(other)
        self.run_fails(4, [str(other), "was made for", "infer_write --force"], "infer_write", session, *SHORT)
        self.run_ok("infer_write", session, *SHORT, "--force")
        self.assertEqual(list(out.glob("*.part")), [])


if __name__ == "__main__":
    pipeline.main()
