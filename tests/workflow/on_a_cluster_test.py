"""The commands of docs/on_a_cluster.md, word by word, on a small Slurm."""
import re
import subprocess

import dataset
import pipeline
import workflow_dataset
import workflow_tools
from slurm_cluster import SlurmCluster

#: Installs from the network; scripts/install_workflow_tools.sh does it for the tests.
RUN_ELSEWHERE = "pip install "


class OnACluster(pipeline.PipelineTest):
    def test_commands_work_word_by_word(self):
        page = (pipeline.SOURCE / "docs/on_a_cluster.md").read_text()
        for tool in ("snakemake", "nextflow"):
            workflow_tools.need(tool)
        blocks = [text for text in re.findall(r"^```sh\n(.*?)^```", page, re.M | re.S)
                  if not text.startswith(RUN_ELSEWHERE)]
        self.assertGreaterEqual(len(blocks), 4)
        for name in ("slurm", "workflows"):
            (self.folder / name).symlink_to(pipeline.SOURCE / name)
        data = workflow_dataset.undisturbed(2)
        data.give(self.folder)
        (self.folder / "settings.toml").rename(self.folder / "my.toml")
        cluster = self.enterContext(SlurmCluster(self.folder / "cluster", cpus=4))
        environment = {**cluster.environment, "PATH": f"{workflow_tools.ENVIRONMENT['PATH']}:/usr/sbin"}
        for text in blocks:
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=self.folder, env=environment,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
            self.assertEqual(done.returncode, 0, f"{text}\n{done.stdout}{done.stderr}")
        for job in {name.split("_")[0] for name in cluster.jobs()}:
            for name, words in cluster.wait_for(job).items():
                self.assertEqual(words["JobState"], "COMPLETED", name)
        outs = re.findall(r"(?:-o|--out|^out:) (\w+)", page, re.M)
        self.assertEqual(len(set(outs)), 4, outs)
        for out in set(outs):
            self.assertEqual(dataset.digests_below(self.folder / out), data.digests, out)


if __name__ == "__main__":
    pipeline.main()
