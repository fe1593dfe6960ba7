"""Libraries to load before others (LD_PRELOAD), which put functions of their own in the place of the system's."""
import os
import shutil
import subprocess
import unittest


def build(test, name, source):
    """Compiles C source into the folder of a PipelineTest; returns the library. Skips the test without a compiler."""
    compiler = shutil.which(os.environ.get("CC", "cc")) or shutil.which("gcc")
    if not compiler:
        raise unittest.SkipTest("no C compiler")
    library = test.folder / f"{name}.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-D_GNU_SOURCE", "-xc", "-", "-o", library], input=source, text=True, check=True)
    return library
