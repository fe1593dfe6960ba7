"""All shell scripts pass shellcheck."""
import shutil
import subprocess
import unittest

import pipeline


class Shellcheck(pipeline.PipelineTest):
    def test_no_script_has_findings(self):
        program = shutil.which("shellcheck")
        if program is None:
            raise unittest.SkipTest("no shellcheck here")
        scripts = [path for folder in ("scripts", "slurm", "tests", "workflows") for suffix in ("sh", "sbatch")
                   for path in sorted((pipeline.SOURCE / folder).rglob(f"*.{suffix}"))]
        self.assertGreater(len(scripts), 8)
        done = subprocess.run([program, "-x", "-P", str(pipeline.SOURCE), *scripts, pipeline.SOURCE / ".ci/run"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    pipeline.main()
