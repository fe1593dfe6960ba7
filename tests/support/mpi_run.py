"""Starting programs on several ranks."""
import os

#: Of the MPI that the programs are built with.
LAUNCHER = os.environ.get("RNN_RATES_MPIEXEC", "mpirun")
#: What lets root start ranks, and more of them than there are cores, under Open MPI 4 and 5; MPICH lets them anyway.
ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               "OMPI_MCA_rmaps_base_oversubscribe": "1", "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe"}


def on(ranks):
    """The arguments of pipeline.run_stage that start it on this many ranks; 1 is without a launcher."""
    return {"prefix": [LAUNCHER, "-n", str(ranks)], "env": ENVIRONMENT} if ranks > 1 else {}


def environment():
    return {**os.environ, **ENVIRONMENT}
