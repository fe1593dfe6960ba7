"""What can be checked of the recipes for Apptainer, conda and Spack without them: what each names is what the build needs."""
import re
import shutil
import subprocess

import pipeline

SCRIPTS = pipeline.SOURCE / "scripts"

# What CMake looks for, and its packages with conda and with Spack.
PACKAGES = {
    "MPI": ("openmpi", "openmpi"),
    "HDF5": ("hdf5", "hdf5"),
    "tomlplusplus": ("tomlplusplus", "tomlplusplus"),
    "fmt": ("fmt", "fmt"),
    "spdlog": ("spdlog", "spdlog"),
    "CLI11": ("cli11", "cli11"),
    "Eigen3": ("eigen", "eigen"),
    "nlohmann_json": ("nlohmann_json", "nlohmann-json"),
    "xxHash": ("xxhash", "xxhash"),
    "ZLIB": ("zlib", "zlib"),
    "FastCppCsvParser": ("fast-cpp-csv-parser", "fast-cpp-csv-parser"),
    "Torch": ("libtorch", "py-torch"),
}
# What is called, not linked.
PROGRAMS = {"cmake": "cmake", "ninja": "ninja", "jq": "jq", "gnuplot": "gnuplot", "nodejs": "node-js"}


def section(text, name):
    """The lines of one section of an Apptainer definition."""
    (body,) = re.findall(rf"^%{name}\n((?:    .*\n|\n)*)", text, re.MULTILINE)
    return [line.strip() for line in body.splitlines() if line.strip()]


class Recipes(pipeline.PipelineTest):
    def apptainer(self):
        return (SCRIPTS / "rnn-rates.def").read_text()

    def test_apptainer_image_is_built_as_a_user_would(self):
        steps = section(self.apptainer(), "post")
        quickstart = (SCRIPTS / "quickstart.sh").read_text()
        self.assertIn("scripts/install_deps.sh\"", quickstart)
        self.assertEqual(steps[1], "bash scripts/install_deps.sh")
        for command in ("cmake --preset release", "cmake --build --preset release"):
            self.assertIn(command, quickstart)
            self.assertTrue(any(step.startswith(command) for step in steps), command)

    def test_apptainer_image_gets_all_files_that_building_and_installing_read(self):
        copy = self.folder / "copy"
        for line in section(self.apptainer(), "files"):
            name, target = line.split()
            self.assertEqual(target, "/opt/rnn-rates/")
            source = pipeline.SOURCE / name
            if source.is_dir():
                shutil.copytree(source, copy / name)
            else:
                copy.mkdir(exist_ok=True)
                shutil.copy(source, copy)
        done = subprocess.run(["cmake", "--preset", "release"], cwd=copy, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        installed = (copy / "build/release/cmake_install.cmake").read_text()
        sources = {path for path in re.findall(rf'"({re.escape(str(copy))}/[^"]+)"', installed) if "/build/" not in path}
        self.assertGreater(len(sources), 4)
        for path in sources:
            self.assertTrue((copy / path).exists(), path)

    def looked_for(self):
        """What the CMake files look for, tests apart."""
        text = "".join(path.read_text() for path in sorted((pipeline.SOURCE / "cmake").iterdir()))
        return set(re.findall(r"rnn_rates_find\((\w+)", text)) - {"name", "NAME", "doctest"}

    def packages(self, file, *keys):
        """Names of the packages in a YAML file."""
        try:
            import yaml
        except ImportError:
            self.skipTest("no PyYAML here")
        value = yaml.safe_load((SCRIPTS / file).read_text())
        for key in keys:
            value = value[key]
        return {re.match(r"[\w-]+", line).group() for line in value}

    def test_conda_and_spack_have_what_the_build_looks_for(self):
        self.assertEqual(self.looked_for(), set(PACKAGES))
        conda = self.packages("environment.yml", "dependencies")
        spack = self.packages("spack.yaml", "spack", "specs")
        self.assertEqual(conda, {pair[0] for pair in PACKAGES.values()} | set(PROGRAMS) | {"cxx-compiler", "git"})
        self.assertEqual(spack, {pair[1] for pair in PACKAGES.values()} | set(PROGRAMS.values()))


if __name__ == "__main__":
    pipeline.main()
