"""An installation that was moved runs from anywhere, with LibTorch's engine, the drop-in script, Slurm's job scripts and
the workflows."""
import os
import subprocess

import pipeline
import small_session
import workflow_tools

FEW_STEPS = ["-c", pipeline.REFERENCE, "--set", "train.steps=5"]
#: What submit.sh asks Slurm for before it submits anything.
SCONTROL = "#!/bin/sh\necho 'MaxArraySize            = 1001'\n"


class Installed(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        first, self.prefix = self.folder / "first", self.folder / "moved here"
        subprocess.run(["cmake", "--install", pipeline.BIN.parent, "--prefix", first], check=True, capture_output=True)
        first.rename(self.prefix)
        self.elsewhere = self.folder / "elsewhere"
        self.elsewhere.mkdir()
        self.session = small_session.write(self.folder / "session", small_session.draw_spikes(length_ms=4600))

    def run_installed(self, program, *arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RNN_RATES")}
        done = subprocess.run([self.prefix / "bin" / program, *map(str, arguments)], cwd=self.elsewhere, text=True,
                              capture_output=True, env=environment | {"PATH": "/usr/bin:/bin"}, timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_all_stages_run_from_elsewhere(self):
        flags = [self.session, "-c", self.prefix / "share/rnn-rates/configs/reference.toml", "--set", "train.steps=5"]
        for stage in pipeline.STAGES:
            self.run_installed(stage, *flags)
        pipeline.need_torch()
        self.run_installed("train_rnn", *flags, "--force", "--engine", "libtorch")

    def test_drop_in_finds_programs_and_preset(self):
        self.run_installed("infer_rnn_rates", self.session, "--train_steps", 5)
        self.assertTrue((self.session / "rnn_output/rates.h5").exists())

    def test_slurm_scripts_find_each_other_and_the_programs(self):
        slurm, tools = self.prefix / "share/rnn-rates/slurm", self.folder / "tools"
        tools.mkdir()
        (tools / "scontrol").write_text(SCONTROL)
        (tools / "scontrol").chmod(0o755)
        manifest = self.elsewhere / "sessions.tsv"
        manifest.write_text(f"{self.session}\n")
        flags = ["--manifest", manifest, *FEW_STEPS, "-o", self.elsewhere / "results"]
        environment = {"PATH": f"{tools}:/usr/bin:/bin", "RNN_RATES_SLURM": slurm}
        done = subprocess.run([slurm / "submit.sh", "--dry-run", "--", *flags], env=environment, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("array.sbatch", done.stderr)
        task = {"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_COUNT": "1"}
        done = subprocess.run(["bash", slurm / "array.sbatch", ",".join(pipeline.STAGES[:2]), *flags],
                              env={**environment, **task}, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.elsewhere / "results/session/pca.h5").exists())

    def run_workflow(self, *command):
        (self.elsewhere / "sessions.tsv").write_text(f"{self.session}\n")
        (self.elsewhere / "settings.toml").write_text("[train]\nsteps = 5\n")
        environment = {**workflow_tools.ENVIRONMENT, "PATH": f"{self.prefix / 'bin'}:{workflow_tools.ENVIRONMENT['PATH']}"}
        done = subprocess.run(command, cwd=self.elsewhere, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=240)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_snakemake_plans_from_the_installed_workflow(self):
        program, workflow = workflow_tools.need("snakemake"), self.prefix / "share/rnn-rates/workflows/snakemake"
        said = self.run_workflow(program, "-s", workflow / "Snakefile", "--profile", workflow / "profiles/local", "--dry-run",
                                 "--config", "manifest=sessions.tsv", "settings=settings.toml", "out=results")
        self.assertRegex(said, r"plot_rates +1\n")

    def test_nextflow_plans_from_the_installed_workflow(self):
        program, workflow = workflow_tools.need("nextflow"), self.prefix / "share/rnn-rates/workflows/nextflow"
        said = self.run_workflow(program, "run", workflow, "-profile", "local", "-preview", "--manifest", "sessions.tsv",
                                 "--settings", "settings.toml", "--out", "results")
        self.assertNotIn("ERROR", said)

    def test_no_program_depends_on_the_build_folder(self):
        for program in sorted((self.prefix / "bin").iterdir()) + list((self.prefix / "lib").rglob("*.so")):
            found = subprocess.run(["readelf", "-d", program], capture_output=True, text=True).stdout
            self.assertNotIn(str(pipeline.BIN.parent), found)


if __name__ == "__main__":
    pipeline.main()
