# The sessions of the manifest, the settings of each stage, the command that runs one, and the table of all scores.
import json
import os
import re
import shlex
import subprocess
from pathlib import Path

from snakemake.utils import validate

STAGES = ["extract_bins", "reduce_pca", "train_rnn", "infer_write", "plot_rates"]

validate(config, "schemas/config.schema.yaml")
OUT = config["out"]
REPORT = OUT + "/{{session}}/reports/{}.json"
LOG = OUT + "/{{session}}/reports/{}.log"


def read_manifest(path):
    """{session id: path of its recording or folder}, read as the stages read it."""
    with open(path, newline="") as file:
        lines = [line for line in file.read().splitlines() if line.strip() and not line.strip().startswith("#")]
    rows = [[cell.strip(" \r") for cell in line.split("\t")] for line in lines]
    if rows and rows[0] in (["path"], ["path", "id"]):
        del rows[0]
    sessions = {}
    for row in rows:
        entry = {name: cell for name, cell in zip(["path", "id", "more"], row) if cell}
        validate(entry, "schemas/manifest.schema.yaml")
        where = Path(os.path.abspath(Path(path).parent / entry["path"]))
        name = entry.get("id") or (where.stem if where.suffix == ".h5" and not where.is_dir() else where.name)
        if name in sessions:
            raise WorkflowError(f"{path}: two sessions are called '{name}': give one an id, in a second column")
        sessions[name] = where
    if not sessions:
        raise WorkflowError(f"{path}: names no session")
    return sessions


def settings_of(stage):
    """The settings that the stage's results depend on: where this text changes, Snakemake runs the stage again."""
    done = subprocess.run([stage, "-c", config["settings"], "--print-config", "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        raise WorkflowError(done.stderr)
    return json.loads(done.stdout)["settings"]


SESSIONS = read_manifest(config["manifest"])
settings = {stage: settings_of(stage) for stage in STAGES}


wildcard_constraints:
    session="|".join(map(re.escape, SESSIONS)),


def recording(wildcards):
    """The session's .h5 file, which says how large the session is."""
    where = SESSIONS[wildcards.session]
    own = where / f"{where.name}.h5"
    if not where.is_dir() or own.exists():
        return own if own.exists() else where
    return next(iter(sorted(where.glob("*.h5"))), own)


def nth_try(wildcards, attempt):
    return attempt


def manifest_row(wildcards):
    return shlex.quote(f"{SESSIONS[wildcards.session]}\t{wildcards.session}")


# A stage that stopped early (75) or was killed is tried again, as often as the profile's `retries` says. Snakemake would
# also try again what failed because of its input or settings: LOG.error, with exit code and log, ends that at once.
RUN = f"""
    if [ {{resources.nth_try}} -gt 1 ] && [ -e {{log}}.error ]; then
        read -r code <{{log}}.error
        tail -n +2 {{log}}.error >{{log}}
        echo "{{rule}} would fail with exit code $code again: not tried" >>{{log}}
        exit "$code"
    fi
    rm -f {{log}}.error
    code=0
    {{rule}} --manifest <(echo {{params.row}}) -c {shlex.quote(config["settings"])} -o {shlex.quote(OUT)} \
        --threads {{threads}} --wait --json >{{output}} 2>{{log}} || code=$?
    if [ $code -ge 1 ] && [ $code -le 8 ]; then (echo $code; cat {{log}}) >{{log}}.error; fi
    exit $code
"""

# A table with a row a session and fit: its scores, and the digest of the session's rates.
REPORT_TABLE = r'''
    [.[].sessions[] | .session as $session | .outputs[0].content_digest as $rates | .metrics // {} | to_entries[]
     | {session: $session, fit: .key} + .value + {rates: $rates}]
    | (reduce (.[] | keys_unsorted[]) as $name ([]; if index($name) then . else . + [$name] end)) as $columns
    | $columns, (.[] | [.[$columns[]]]) | @tsv'''
