"""Starting programs on several ranks."""
import os
import subprocess

#: Of the MPI that the programs are built with.
LAUNCHER = os.environ.get("RNN_RATES_MPIEXEC", "mpirun")
#: What lets root start ranks, and more of them than there are cores, under Open MPI 4 and 5; MPICH lets them anyway.
ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               "OMPI_MCA_rmaps_base_oversubscribe": "1", "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe"}
#: Keeps files in shared memory out of MPI, which would meet a limit on the size of files. Over TCP, MPICH may hang in
#: MPI_Finalize (docs/installing.md).
WITHOUT_SHARED_FILES = {"OMPI_MCA_btl": "self,tcp", "OMPI_MCA_btl_tcp_if_include": "lo", "MPIR_CVAR_NOLOCAL": "1",
                        "UCX_TLS": "self,sysv"}
if "ASAN_OPTIONS" in os.environ:
    # Open MPI unloads its modules before leaks are looked for, so that their own can no longer be told by name.
    ENVIRONMENT["ASAN_OPTIONS"] = os.environ["ASAN_OPTIONS"] + ":detect_leaks=0"


def on(ranks):
    """The arguments of pipeline.run_stage that start it on this many ranks; 1 is without a launcher."""
    return {"prefix": [LAUNCHER, "-n", str(ranks)], "env": ENVIRONMENT} if ranks > 1 else {}


def codes_of_a_killed_rank():
    """What the launcher ends with where a rank was killed by SIGKILL. MPICH's ends with 9, but at times with 0, whatever
    the program: with 4.2.1 after 6 of 40 kills of one that does nothing but MPI_Init."""
    version = subprocess.run([LAUNCHER, "--version"], capture_output=True, text=True).stdout
    return {0, 9} if "HYDRA" in version else {137}


def environment():
    return {**os.environ, **ENVIRONMENT}
