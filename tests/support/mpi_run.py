"""Starting programs on several ranks."""
import os

#: What lets root start ranks, and more of them than there are cores.
ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               "OMPI_MCA_rmaps_base_oversubscribe": "1"}


def on(ranks):
    """The arguments of pipeline.run_stage that start it on this many ranks; 1 is without mpirun."""
    return {"prefix": ["mpirun", "-n", str(ranks)], "env": ENVIRONMENT} if ranks > 1 else {}


def environment():
    return {**os.environ, **ENVIRONMENT}
