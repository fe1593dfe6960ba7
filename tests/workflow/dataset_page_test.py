"""docs/dataset_on_slurm.md, word by word, on a small Slurm."""
import re
import subprocess

import dataset
import pipeline
import workflow_tools
from slurm_cluster import SlurmCluster


class DatasetPage(pipeline.PipelineTest):
    def test_commands_work_word_by_word(self):
        blocks = re.findall(r"^```sh\n(.*?)^```", (pipeline.SOURCE / "docs/dataset_on_slurm.md").read_text(), re.M | re.S)
        self.assertEqual(len(blocks), 5)
        (self.folder / "slurm").symlink_to(pipeline.SOURCE / "slurm")
        for at, name in enumerate(dataset.make(self.folder, count=2)):
            (self.folder / "sessions" / name).rename(self.folder / f"sessions/day{at}")
            for path in (self.folder / f"sessions/day{at}").glob(f"{name}.*"):
                path.rename(path.with_name(f"day{at}{path.suffix}"))
        (self.folder / "settings.toml").rename(self.folder / "my.toml")
        cluster = self.enterContext(SlurmCluster(self.folder / "cluster", cpus=4))
        environment = {**cluster.environment, "PATH": f"{workflow_tools.ENVIRONMENT['PATH']}:/usr/sbin"}
        said = []
        for text in blocks:
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=self.folder, env=environment,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
            self.assertEqual(done.returncode, 0, f"{text}\n{done.stdout}{done.stderr}")
            said.append(done.stdout)
            for job in {name.split("_")[0] for name in cluster.jobs()}:
                for name, words in cluster.wait_for(job).items():
                    self.assertEqual(words["JobState"], "COMPLETED", name)
        self.assertIn("core", said[2])
        self.assertIn("nothing failed", said[4])
        self.assertTrue((self.folder / "results/index.html").exists())
        rows = [line.split("\t") for line in (self.folder / "scores.tsv").read_text().splitlines()]
        self.assertEqual({row[0] for row in rows}, {"monday", "tuesday"})
        for row in rows:
            float(row[3])


if __name__ == "__main__":
    pipeline.main()
