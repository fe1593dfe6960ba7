# The sessions as the programs list them, and the command that runs a stage.
import json
import subprocess
import sys
from pathlib import Path

from snakemake.utils import validate

validate(config, "schemas/config.schema.yaml")
OUT = config["out"]
REPORT = OUT + "/{{session}}/reports/{}.json"
LOG = OUT + "/{{session}}/reports/{}.log"


def list_sessions():
    """{session id: what extract_bins --list-sessions tells of it}."""
    listing = subprocess.run(["extract_bins", "--list-sessions", "--json", "--manifest", config["manifest"],
                              "-c", config["settings"], "-o", OUT], stdout=subprocess.PIPE)
    if listing.returncode != 0:
        sys.exit(listing.returncode)  # It has said what is wrong with the list or the settings.
    return {session["session"]: session for session in json.loads(listing.stdout)["sessions"]}


def check_names(names, unfit):
    for name in names:
        if found := set(name) & set(unfit):
            raise WorkflowError(f"Snakemake cannot handle {' '.join(sorted(found))} in a name here. Choose another id for "
                                f"the session '{name}'.")


SESSIONS = list_sessions()
check_names(SESSIONS, "{}<>")  # Its wildcards and variables.


wildcard_constraints:
    session="[^/]+",


def settings_of(stage):
    """The settings that the stage's results depend on: where this text changes, Snakemake runs the stage again."""
    return lambda wildcards: SESSIONS[wildcards.session]["settings"][stage]


def recording(wildcards):
    """The session's file, which says how large the session is."""
    if not workflow.local_exec:
        check_names([wildcards.session], ',"`$\\')  # It does not quote them in job scripts.
    return SESSIONS[wildcards.session]["recording"]


def only_session(wildcards):
    """A manifest of this session alone.

    It stands among the resources because a change of params would run stages again that do not depend on it.
    """
    return SESSIONS[wildcards.session]["manifest"]


def nth_try(wildcards, attempt):
    return attempt


# A stage that stopped early or was killed is tried again, as often as the profile's `retries` says. Snakemake would also
# try again what failed because of its input or settings: LOG.error, with exit code and log, ends that at once.
RUN = """
    if [ {resources.nth_try} -gt 1 ] && [ -e {log:q}.error ]; then
        read -r code <{log:q}.error
        tail -n +2 {log:q}.error >{log:q}
        echo "{rule} would fail with exit code $code again: not tried" >>{log:q}
        exit "$code"
    fi
    rm -f {log:q}.error
    code=0
    {rule} --manifest <(printf %s {resources.manifest:q}) -c {config[settings]:q} -o {config[out]:q} \
        --threads {threads} --wait --json >{output:q} 2>{log:q} || code=$?
    if [ $code -ge 1 ] && [ $code -le 8 ]; then (echo $code; cat {log:q}) >{log:q}.error; fi
    exit $code
"""
