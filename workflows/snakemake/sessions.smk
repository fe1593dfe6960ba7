# The sessions of the manifest, the settings of each stage, the command that runs one, and the table of all scores.
import functools
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
    """{session id: its path and its own settings, as "key=value"}, read as the stages read it."""
    with open(path, newline="") as file:
        lines = [line for line in file.read().splitlines() if line.strip() and not line.strip().startswith("#")]
    rows = [[cell.strip(" \r") for cell in line.split("\t")] for line in lines]
    columns = ["path", "id"]
    if rows and rows[0][0] == "path" and all(re.fullmatch("[a-z0-9_.]+", name) for name in rows[0]):
        columns = rows.pop(0)
    sessions = {}
    for row in rows:
        if len(row) > len(columns):
            raise WorkflowError(f"{path}: {row}: {len(row)} columns, expected at most {', '.join(columns)}")
        entry = {name: cell for name, cell in zip(columns, row) if cell}
        validate(entry, "schemas/manifest.schema.yaml")
        where = Path(os.path.abspath(Path(path).parent / entry.pop("path")))
        name = entry.pop("id", where.stem if where.suffix == ".h5" and not where.is_dir() else where.name)
        if name in sessions:
            raise WorkflowError(f"{path}: two sessions are called '{name}': give one an id, in a second column")
        sessions[name] = where, tuple(f"{key}={value}" for key, value in entry.items())
    if not sessions:
        raise WorkflowError(f"{path}: names no session")
    return sessions


def set_flags(own_settings):
    return [word for setting in own_settings for word in ("--set", setting)]


@functools.cache
def settings_text(stage, own_settings):
    """The settings that the stage's results depend on: where this text changes, Snakemake runs the stage again."""
    done = subprocess.run([stage, "-c", config["settings"], *set_flags(own_settings), "--print-config", "--json"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise WorkflowError(done.stderr)
    return json.loads(done.stdout)["settings"]


SESSIONS = read_manifest(config["manifest"])
for stage in STAGES:
    for own_settings in {own for where, own in SESSIONS.values()}:
        settings_text(stage, own_settings)


wildcard_constraints:
    session="|".join(map(re.escape, SESSIONS)),


def settings_of(stage):
    return lambda wildcards: settings_text(stage, SESSIONS[wildcards.session][1])


def recording(wildcards):
    """The session's .h5 file, which says how large the session is."""
    where = SESSIONS[wildcards.session][0]
    own = where / f"{where.name}.h5"
    if not where.is_dir() or own.exists():
        return own if own.exists() else where
    return next(iter(sorted(where.glob("*.h5"))), own)


def session_flags(wildcards):
    """Flags that name the session (its row of a manifest, as bash's <(...)) and its own settings.

    They stand among the resources because a change of params would run stages again that do not depend on it.
    """
    where, own_settings = SESSIONS[wildcards.session]
    row = shlex.quote(f"{where}\t{wildcards.session}")
    return f"--manifest <(echo {row}) {shlex.join(set_flags(own_settings))}"


def nth_try(wildcards, attempt):
    return attempt


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
    {{rule}} {{resources.session}} -c {shlex.quote(config["settings"])} -o {shlex.quote(OUT)} \
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
