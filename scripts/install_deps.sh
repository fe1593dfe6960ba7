#!/usr/bin/env bash
# Installs the Debian packages that building (and, with --tests, testing) needs, after saying which are missing.
# Does nothing, and needs no rights, where all are there. With --tests it also makes build/test-python, a Python with
# what the tests of NWB and xarray read our files with and Debian does not have; those tests are skipped without it.
# --mpich: MPICH in place of Open MPI. Written for Debian 12 and 13, whose packages have these names in common.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

build=(g++ cmake ninja-build git ca-certificates libtorch-dev libopenblas0-pthread libtomlplusplus-dev libfmt-dev
       libspdlog-dev libcli11-dev libeigen3-dev libxxhash-dev nlohmann-json3-dev libfccp-dev zlib1g-dev libblosc-dev
       liblzf-dev jq gnuplot-nox fonts-dejavu-core)
openmpi=(libopenmpi-dev openmpi-bin libhdf5-openmpi-dev)
mpich=(libmpich-dev mpich libhdf5-mpich-dev)
tests=(doctest-dev clang clang-format clang-tidy cppcheck libclang-rt-dev llvm python3-h5py python3-tables python3-numpy
       python3-torch shellcheck slurmctld slurmd slurm-client munge python3-venv default-jre-headless maven
       python3-selenium python3-matplotlib chromium chromium-driver)
test_python_packages=$root/tests/requirements.txt

# Fetches the charting library of report.html; often there already, with a node of its own.
command -v npm >/dev/null || build+=(npm)

mpi=("${openmpi[@]}")
with_tests=
for flag in "$@"; do
  case "$flag" in
    --tests) with_tests=1 ;;
    --mpich) mpi=("${mpich[@]}") ;;
    *) echo "usage: install_deps.sh [--tests] [--mpich]" >&2; exit 2 ;;
  esac
done
wanted=("${build[@]}" "${mpi[@]}")
if [ -n "$with_tests" ]; then wanted+=("${tests[@]}"); fi

if ! command -v dpkg-query >/dev/null; then
  echo "install_deps.sh: not a Debian system; these packages (or their like) are needed: ${wanted[*]}" >&2
  exit 0
fi

make_test_python() {
  local folder=$root/build/test-python
  if cmp -s "$test_python_packages" "$folder/complete"; then return; fi
  echo "Installing the Python packages of $test_python_packages into $folder"
  rm -rf "$folder"
  if /usr/bin/python3 -m venv "$folder" && "$folder/bin/pip" install -q -r "$test_python_packages"; then
    cp "$test_python_packages" "$folder/complete"
  else
    echo "install_deps.sh: these could not be installed; the tests that need them will be skipped" >&2
    rm -rf "$folder"
  fi
}

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [ "${status:0:2}" = ii ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  if [ -n "$with_tests" ]; then make_test_python; fi
  exit 0
fi

echo "Debian packages to install: ${missing[*]}"
if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif command -v sudo >/dev/null; then
  as_root=(sudo)
else
  echo "install_deps.sh: installing them needs root; ask for: apt-get install ${missing[*]}" >&2
  exit 1
fi
# A new machine may be updating itself; apt then waits for it.
apt=(apt-get -q -o DPkg::Lock::Timeout=600)
"${as_root[@]}" "${apt[@]}" update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
if [ -n "$with_tests" ]; then make_test_python; fi
