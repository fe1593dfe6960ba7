"""rnn-rates: the five programs one after the other, what they have done, and tidying up."""
import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from ._programs import STAGES, Error, call, listed_sessions, settings_flags
from ._results import VERDICTS

USAGE, OUTPUT, SOME_FAILED, STOPPED = 2, 5, 8, 75
#: What the programs put into a folder of results.
RESULTS = ("bins.h5", "pca.h5", "models", "rates.h5", "rates.nwb", "rates*.part", "rates_*.ckpt.h5", "plots", "report.html")
ACTIONS = {"run": "run all five programs, then print a summary; 8 if some sessions failed, 75 if stopped",
           "status": "say what is done and what is to do",
           "clean": "remove networks that the settings no longer make; with --all, all results"}
SWITCHES = {"run": {"--force": "compute again even where results are up to date",
                    "--wait": "wait while another run works on a session", "--nwb": "also write rates.nwb",
                    "--publish": "also put the rates into the sessions' own files", "--baselines": "score simpler methods too"},
            "clean": {"--all": "all results; never recordings", "--dry-run": "only say what would be removed"}}


def parser():
    made = argparse.ArgumentParser(prog="rnn-rates", description="Infers firing rates of recording sessions.")
    actions = made.add_subparsers(dest="action", required=True)
    for name, text in ACTIONS.items():
        action = actions.add_parser(name, help=text, description=text)
        action.add_argument("sessions", nargs="*", metavar="SESSION", help="session folders or recordings")
        action.add_argument("--manifest", metavar="FILE", help="list with one session per row")
        action.add_argument("-c", "--config", metavar="FILE", help="settings: a file, or best, causal, reference")
        action.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="override one setting")
        action.add_argument("-o", "--out", metavar="DIR", help="results go to DIR/<session>/")
        action.add_argument("--threads", metavar="N", help="threads to compute with")
        for switch, switch_text in SWITCHES.get(name, {}).items():
            action.add_argument(*(["-n"] if switch == "--dry-run" else []), switch, action="store_true", help=switch_text)
    return made


def switches(arguments, *names):
    return [f"--{name}" for name in names if getattr(arguments, name, False)]


def flags_of(arguments):
    """The programs' flags, but for those that name sessions."""
    words = settings_flags(config=arguments.config) + [word for value in arguments.set for word in ("--set", value)]
    words += [word for flag in ("out", "threads") if getattr(arguments, flag) for word in (f"--{flag}", getattr(arguments, flag))]
    return ["--keep-going", *switches(arguments, "force", "wait"), *words]


def list_of(sessions):
    """The text of a list of these sessions, with their own settings."""
    rows = [dict(zip(*(line.split("\t") for line in session["manifest"].splitlines()))) for session in sessions]
    columns = list(dict.fromkeys(["path", "id", *(column for row in rows for column in row)]))
    return "".join("\t".join(row) + "\n" for row in [columns, *([row.get(column, "") for column in columns] for row in rows)])


def run(arguments, named, sessions):
    failures, changed, verdicts = {}, set(), {}
    for stage in STAGES:
        more = switches(arguments, "publish", "nwb", "baselines") if stage == "infer_write" else []
        with tempfile.NamedTemporaryFile("w", suffix=".tsv") as good:
            good.write(list_of([session for session in sessions if session["session"] not in failures]))
            good.flush()
            # Pages link to all sessions of the list, also to those that failed this time.
            names = named if stage == "plot_rates" else ["--manifest", good.name]
            code, report = call(stage, [*names, *flags_of(arguments), *more])
        if report is None:  # it did not come as far as the sessions
            return code
        for entry in report["sessions"]:
            name = entry["session"]
            if "error" in entry:
                failures.setdefault(name, (stage, entry["exit_code"], entry["error"]))
            if any(output["status"] == "computed" for output in entry["outputs"]):
                changed.add(name)
            verdicts |= {name: entry["verdict"]} if "verdict" in entry else {}
        if code == STOPPED or len(failures) == len(sessions):
            break
    print(summary([session["session"] for session in sessions], failures, changed, verdicts))
    return exit_code([failed for _, failed, _ in failures.values()], len(sessions))


def exit_code(failed, sessions):
    """75 if stopped, else of a single session its own, else 8 where some failed."""
    if STOPPED in failed or not failed:
        return STOPPED if failed else 0
    return failed[0] if sessions == 1 else SOME_FAILED


def summary(names, failures, changed, verdicts):
    """Counts, then the failures with their reasons."""
    ended = Counter("computed" if name in changed else "up to date" for name in names if name not in failures)
    ended += Counter("stopped" if code == STOPPED else "failed" for _, code, _ in failures.values())
    lines = [f"{len(names)} session{'s' * (len(names) != 1)}: " + ", ".join(f"{count} {what}" for what, count in ended.items())]
    told = Counter(verdict for name, verdict in verdicts.items() if name not in failures)
    if told:
        lines.append("rates: " + ", ".join(f"{told[verdict]} {verdict}" for verdict in VERDICTS if told[verdict]))
    return "\n".join(lines + [f"{name}: {stage}: {error}" for name, (stage, _, error) in failures.items()])


def look(stage, named, arguments):
    """A dry run: {session: its entry of the report}."""
    code, report = call(stage, ["--dry-run", *named, *flags_of(arguments)], hidden=True)
    if report is None:
        raise Error(f"{stage} --dry-run ended with {code}", code)
    return {entry["session"]: entry for entry in report["sessions"]}


def status(arguments, named, sessions):
    found = {stage: look(stage, named, arguments) for stage in STAGES}
    rows, failed = [], []
    for session in sessions:
        name, state = session["session"], "up to date"
        for stage in STAGES:
            entry = found[stage][name]
            if "error" in entry or any(output["status"] == "to do" for output in entry["outputs"]):
                state = f"{stage}: {entry.get('error', 'to do')}"
                failed += [entry["exit_code"]] if "error" in entry else []
                break
        size = sum(path.stat().st_size for path in Path(session["out"]).rglob("*") if path.is_file())
        rows.append((name, f"{size / 1e6:.1f} MB", found["infer_write"][name].get("verdict", "-"), state))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0])))
    return exit_code(failed, len(sessions))


def clean(arguments, named, sessions):
    made = {} if arguments.all else look("train_rnn", named, arguments)
    for session in sessions:
        out = Path(session["out"])
        if (out / ".rnn_rates.lock").exists():
            raise Error(f"{out}: another run works there. Wait for its end, or stop it.", OUTPUT)
        paths = [path for pattern in RESULTS for path in out.glob(pattern)]
        if not arguments.all:
            entry = made[session["session"]]
            if "error" in entry:
                print(f"{session['session']}: {entry['error']}", file=sys.stderr)
                continue
            kept = {Path(output["path"]).name.removesuffix(".h5") for output in entry["outputs"]}
            paths = [path for path in sorted(out.glob("models/*.h5"))  # trials of tuning serve later runs
                     if path.name.removesuffix(".h5").removesuffix(".ckpt") not in kept and "_trial_" not in path.name]
        for path in paths:
            print(f"{'would remove' if arguments.dry_run else 'removed'} {path}")
            if not arguments.dry_run:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    return 0


def main():
    arguments = parser().parse_args()
    named = arguments.sessions + (["--manifest", arguments.manifest] if arguments.manifest else [])
    if not named:
        print("rnn-rates: name sessions, or a list of them with --manifest FILE", file=sys.stderr)
        return USAGE
    try:
        action = {"run": run, "status": status, "clean": clean}[arguments.action]
        return action(arguments, named, listed_sessions([*named, *flags_of(arguments)]))
    except Error as error:
        print(f"rnn-rates: {error}", file=sys.stderr)
        return error.code
