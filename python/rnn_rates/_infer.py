"""From spikes to rates: a recording, the programs, their results."""
import os
import sys
import tempfile
import warnings
from pathlib import Path

from . import _programs, _recording, _results


def infer(spikes, stimulus_s=None, conditions=None, *, window_ms=(-500, 2500), bin_ms=25, regions=None, unit_ids=None,
          config=None, settings=None, folder=None, threads=None, plots=False, progress=True):
    """Infers the firing rate of each unit on each trial. Returns an xarray.Dataset, in memory; rnn_rates.open describes it.

    spikes      counts (trial, unit, bin), or {condition: counts}; or spike times in s: a pynapple TsGroup, a SpikeInterface
                sorting, neo's spike trains or segment, {unit id: times}, a sequence of times; or the path of a recording
                that the programs read (NWB, blech_clust's folder, an .h5 of your own)
    stimulus_s  with spike times: when the stimulus came, in s, one per trial (array, pynapple Ts or IntervalSet, neo Event);
                with the path of an NWB file: the column of its trials that says so
    conditions  of each trial, numbers or texts; with the path of an NWB file: the column that says so
    window_ms   of each trial, from the stimulus; of counts, what their bins span
    bin_ms      width of a bin
    regions     of each unit, or the name of the column of the spikes' metadata that has them; one network per region
    unit_ids    in place of those that the spikes have
    config      a settings file, or "best" (the default), "causal" or "reference"
    settings    {key: value} over it, such as {"train.steps": 300}
    folder      where recording and results go; None: a new temporary one, or of a path its rnn_output. Run again with
                the same folder, what is up to date is left alone
    plots       draw figures and report.html too (needs gnuplot)

    Raises Error where a program fails, ValueError where spikes and trials do not fit each other.
    """
    if isinstance(spikes, (str, os.PathLike)):
        given = _of_path(spikes, stimulus_s, conditions, window_ms, bin_ms, settings or {})
        arguments = [spikes] + ([] if folder is None else ["-o", folder])
    else:
        folder = Path(tempfile.mkdtemp(prefix="rnn_rates.") if folder is None else folder)
        recording, given = _recording.write(folder, spikes, stimulus_s, conditions, regions, unit_ids, window_ms, bin_ms)
        arguments = [recording]
    arguments += _programs.settings_flags(given | (settings or {}), config)
    results = Path(_programs.listed_sessions(arguments)[0]["out"])
    stages = _programs.STAGES if plots else _programs.STAGES[:-1]
    warned = _run(stages, arguments + ([] if threads is None else ["--threads", threads]), results, progress)
    for message in dict.fromkeys(warned):
        warnings.warn(message, stacklevel=2)
    return _results.open_session(results).load()


def _of_path(path, stimulus_s, conditions, window_ms, bin_ms, settings):
    """Settings for a recording that the programs read by themselves. Trials of NWB files are cut as the window asks; the
    arrays of others begin before it, blech_clust's 2000 ms before the stimulus."""
    stim_ms = settings.get("stim_ms", -window_ms[0] if Path(path).suffix == ".nwb" else 2000)
    given = {"bin_ms": bin_ms, "stim_ms": stim_ms, "time_lims_ms": [stim_ms + edge_ms for edge_ms in window_ms]}
    for key, column in (("nwb.align_to", stimulus_s), ("nwb.condition", conditions)):
        if not (column is None or isinstance(column, str)):
            raise ValueError("with the path of a recording, stimulus_s and conditions name columns of its trials")
        given |= {} if column is None else {key: column}
    return given


def _bar(stages):
    """tqdm's bar in a notebook or terminal, None where there is neither or no tqdm."""
    if "ipykernel" not in sys.modules and not sys.stderr.isatty():
        return None
    try:
        from tqdm.auto import tqdm
        return tqdm(total=stages, bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}")
    except ImportError:  # also tqdm's, in a notebook without its widgets
        return None


def _run(stages, arguments, results, show):
    """Runs the programs. Returns their warnings."""
    if show:
        print(f"rnn_rates: results go to {results}", file=sys.stderr)
    bar, warned = _bar(len(stages)) if show else None, []
    for number, stage in enumerate(stages):

        def say(words, share):
            if bar is not None:
                bar.set_description_str(f"{stage} {words}".strip(), refresh=False)
                bar.update(number + share - bar.n)

        if show and bar is None:
            print(f"rnn_rates: {stage}", file=sys.stderr)
        say("", 0)
        warned += _programs.run(stage, arguments, say)
        say("", 1)
    if bar is not None:
        bar.close()
    return warned
