"""The Python package: spikes of every kind in, an xarray.Dataset out, and rnn-rates over many sessions."""
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
import unittest
import warnings

import nwb
import pipeline

nwb.continue_there("xarray, pynapple, neo, spikeinterface, h5py")
sys.path.insert(0, str(pipeline.SOURCE / "python"))

import h5py
import neo
import numpy as np
import pynapple as nap
import quantities
import rnn_rates
import spikeinterface
import xarray
import yaml
from rnn_rates import _programs

QUICK = {"train.steps": 20, "train.validate_every": 10, "infer.combine_with": []}
WINDOW_MS = (-250, 750)
UNITS = {11: "gc", 7: "gc", 9: "bla", 4: "bla", 30: "gc"}


class Spikes:
    """Five units, whose rates differ by condition after the stimulus, and 18 trials of two conditions in random order."""

    def __init__(self):
        random = np.random.default_rng(5)
        self.stimulus_s = 3 + 2.5 * np.arange(18) + random.uniform(0, 0.5, 18)
        self.conditions = random.permutation(["water"] * 10 + ["nacl"] * 8)
        self.times = {}
        for unit in UNITS:
            parts = [random.uniform(0, 52, 400)]
            for start, condition in zip(self.stimulus_s, self.conditions):
                parts.append(start + random.uniform(0.1, 0.7, random.poisson(12 if (condition == "nacl") == (unit > 8) else 2)))
            # Off the edges of bins, so that no rounding decides which one holds a spike.
            self.times[unit] = np.sort(np.concatenate(parts))
        edges_s = np.arange(WINDOW_MS[0], WINDOW_MS[1] + 25, 25) / 1000
        self.counts = np.array([[np.histogram(times - start, edges_s)[0] for times in self.times.values()]
                                for start in self.stimulus_s])


SPIKES = Spikes()
SANITIZED = unittest.skipIf("ASAN_OPTIONS" in os.environ, "runs the programs many times, whose own tests the sanitizers watch")


def infer(*arguments, **options):
    options = {"window_ms": WINDOW_MS, "progress": False} | options
    options["settings"] = QUICK | options.get("settings", {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rnn_rates.infer(*arguments, **options)


def command(*arguments, **options):
    program = [sys.executable, "-c", "import sys; from rnn_rates._command import main; sys.exit(main())", *map(str, arguments)]
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, "PYTHONPATH": str(pipeline.SOURCE / "python")}, **options)


def ended(process):
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


@SANITIZED
class Infer(pipeline.PipelineTest):
    @classmethod
    def setUpClass(cls):
        cls.expected = infer(SPIKES.times, SPIKES.stimulus_s, SPIKES.conditions)

    def same(self, data, units=tuple(UNITS)):
        """What is asked of spikes of every kind: numpy's counts, the order that was given, and the same rates."""
        self.assertEqual(data.unit.values.tolist(), list(units))
        self.assertEqual(data.condition.values.tolist(), SPIKES.conditions.tolist())
        self.assertEqual(data.trial_row.values.tolist(), list(range(18)))
        np.testing.assert_array_equal(data.counts, SPIKES.counts)
        np.testing.assert_array_equal(data.rate_hz, self.expected.rate_hz)
        np.testing.assert_array_equal(data.time_ms, np.arange(-237.5, 750, 25))

    def test_spike_times_as_numpy(self):
        self.same(self.expected)
        np.testing.assert_allclose(self.expected.trial_time_s, SPIKES.stimulus_s)
        self.same(infer(list(SPIKES.times.values()), SPIKES.stimulus_s, SPIKES.conditions), range(5))

    def test_pynapple(self):
        units = nap.TsGroup({unit: nap.Ts(times) for unit, times in SPIKES.times.items()})
        units.set_info(place=[UNITS[unit] for unit in units.keys()])
        trials = nap.IntervalSet(SPIKES.stimulus_s, SPIKES.stimulus_s + 0.5)
        data = infer(units, trials, SPIKES.conditions, regions="place", unit_ids=None)
        self.assertEqual(data.unit.values.tolist(), sorted(UNITS))
        self.assertEqual(data.unit_region.values.tolist(), [UNITS[unit] for unit in sorted(UNITS)])
        np.testing.assert_array_equal(data.sel(unit=list(UNITS)).counts, SPIKES.counts)
        self.assertEqual(data.fit.values.tolist(), ["region_bla_taste_all", "region_gc_taste_all"])
        self.assertEqual(data.factor_region.values.tolist(), ["bla"] * 2 + ["gc"] * 3)

    def test_time_that_pynapple_calls_unsupported_is_unknown(self):
        support = nap.IntervalSet([0, SPIKES.stimulus_s[8] + 0.2], [SPIKES.stimulus_s[4] + 0.2, 60])
        units = nap.TsGroup({unit: nap.Ts(times) for unit, times in SPIKES.times.items()}, time_support=support)
        data = infer(units, nap.Ts(SPIKES.stimulus_s), SPIKES.conditions)
        unobserved = np.isnan(data.rate_hz).all("unit")
        np.testing.assert_array_equal(data.trial_row, [*range(5), *range(8, 18)])  # trials 5 to 7 lie in the gap
        np.testing.assert_array_equal(data.trial[unobserved.any("time_ms")], [4, 5])
        np.testing.assert_array_equal(unobserved.sum("time_ms")[4:6], [22, 18])  # from 200 ms on, and until then
        np.testing.assert_array_equal(data.observed.any("unit"), ~unobserved)

    def test_spikeinterface(self):
        samples = {unit: np.round(times * 30000).astype(int) for unit, times in SPIKES.times.items()}
        sorting = spikeinterface.NumpySorting.from_unit_dict([samples], sampling_frequency=30000)
        sorting.set_property("brain_area", ["gc"] * 5)
        data = infer(sorting, SPIKES.stimulus_s, SPIKES.conditions, regions="brain_area")
        self.assertEqual(data.unit.values.tolist(), list(UNITS))
        self.assertLess(np.abs(data.counts.values.astype(int) - SPIKES.counts).sum(), 5)  # samples lie beside the times

    def test_neo(self):
        trains = [neo.SpikeTrain(1000 * times * quantities.ms, t_stop=60 * quantities.s, name=f"unit {unit}", place=UNITS[unit])
                  for unit, times in SPIKES.times.items()]
        segment = neo.Segment()
        segment.spiketrains.extend(trains)
        for spikes in (trains, segment):
            self.same(infer(spikes, neo.Event(SPIKES.stimulus_s * quantities.s), SPIKES.conditions),
                      [f"unit {unit}" for unit in UNITS])
        data = infer(trains, SPIKES.stimulus_s, SPIKES.conditions, regions="place")
        self.assertEqual(data.unit_region.values.tolist(), list(UNITS.values()))

    def test_counts(self):
        self.same(infer(SPIKES.counts, conditions=SPIKES.conditions, unit_ids=list(UNITS)))
        by_condition = {name: SPIKES.counts[SPIKES.conditions == name] for name in ("water", "nacl")}
        data = infer(by_condition)
        self.assertEqual(data.condition.values.tolist(), ["water"] * 10 + ["nacl"] * 8)
        np.testing.assert_array_equal(data.counts, np.concatenate(list(by_condition.values())))

    def test_trials_without_a_condition_are_left_out(self):
        conditions = [None if trial in (2, 9) else name for trial, name in enumerate(SPIKES.conditions.tolist())]
        data = infer(SPIKES.times, SPIKES.stimulus_s, conditions)
        self.assertEqual(data.trial_row.values.tolist(), [trial for trial in range(18) if trial not in (2, 9)])
        self.assertEqual(data.condition.values.tolist(), [name for name in conditions if name])
        with self.assertRaisesRegex(ValueError, "a trial has no condition"):
            infer(SPIKES.counts, conditions=conditions)

    def test_path_of_an_nwb_file_with_columns(self):
        path = self.folder / "rat.nwb"
        with h5py.File(path, "w") as h5:
            h5["units/spike_times"] = np.concatenate(list(SPIKES.times.values()))
            h5["units/spike_times_index"] = np.cumsum([len(times) for times in SPIKES.times.values()])
            h5["intervals/trials/start_time"] = SPIKES.stimulus_s - 0.5
            h5["intervals/trials/valve_time"] = SPIKES.stimulus_s
            h5["intervals/trials/fluid"] = SPIKES.conditions.tolist()
        data = infer(path, "valve_time", "fluid", folder=self.folder / "results")
        self.assertEqual(data.attrs["folder"], str(self.folder.resolve() / "results/rat"))
        data = data.sortby("trial_row")
        np.testing.assert_array_equal(data.counts, SPIKES.counts)
        np.testing.assert_array_equal(data.rate_hz, self.expected.rate_hz)

    def test_what_rates_know_and_how_good_they_are(self):
        said = self.expected.rate_hz.attrs
        self.assertEqual((said["uses_condition_label"], said["uses_future_ms"], said["units"]), (0, 1000.0, "Hz"))
        causal = infer(SPIKES.counts, conditions=SPIKES.conditions, config="causal")
        self.assertEqual(causal.rate_hz.uses_future_ms, 0)
        with h5py.File(self.expected.folder + "/rates.h5") as h5:
            scores, name = h5["scores/region_all_taste_all"], "region_all_taste_all"
            for method, bits, error in zip(scores["methods"].asstr(), scores["bits_per_hidden_spike"], scores["standard_error"]):
                score = self.expected.sel(fit=name, estimator=method)
                self.assertEqual((score.bits_per_hidden_spike, score.bits_per_hidden_spike_standard_error), (bits, error))
            verdict, why = h5[f"verdicts/{name}"].asstr()[:]
        self.assertEqual((self.expected.verdict, self.expected.verdict_why), (verdict, why))

    def test_same_folder_again_is_up_to_date(self):
        first = infer(SPIKES.counts, conditions=SPIKES.conditions, folder=self.folder)
        before = pipeline.modified_ns(self.folder, "**/models/*.h5")
        self.assertEqual(len(before), 4)
        xarray.testing.assert_identical(infer(SPIKES.counts, conditions=SPIKES.conditions, folder=self.folder), first)
        self.assertEqual(pipeline.modified_ns(self.folder, "**/models/*.h5"), before)

    def test_another_programs_recording_stays(self):
        with h5py.File(self.folder / "recording.nwb", "w") as h5:
            h5["mine"] = 1
        with self.assertRaisesRegex(FileExistsError, "was not written by rnn_rates.infer"):
            infer(SPIKES.times, SPIKES.stimulus_s, folder=self.folder)
        with h5py.File(self.folder / "recording.nwb") as h5:
            self.assertEqual(list(h5), ["mine"])

    def test_what_does_not_fit_is_refused(self):
        counts, times, starts = SPIKES.counts, SPIKES.times, SPIKES.stimulus_s
        for words, arguments, options in (
                ("17 conditions, expected 18: one per trial", (times, starts, SPIKES.conditions[1:]), {}),
                ("17 conditions, expected 18: one per trial", (counts, None, SPIKES.conditions[1:]), {}),
                ("2 regions, expected 5: one per unit", (counts,), {"regions": ["gc", "bla"]}),
                ("40 bins of counts, expected 20: bins of 50 ms from -250 to 750 ms", (counts,), {"bin_ms": 50}),
                ("expected whole numbers of spikes", (counts - 0.5,), {}),
                ("spike times need stimulus_s", (times,), {}),
                ("unit 7 has a spike at a time that is not a number", ({4: [1.0], 7: [np.nan]}, starts), {}),
                ("expected to begin at or before the stimulus", (times, starts), {"window_ms": (100, 500)}),
                ("the units have no column 'depth'", (nap.TsGroup({1: nap.Ts(times[7])}), starts), {"regions": "depth"})):
            with self.assertRaises(ValueError) as refused:
                infer(*arguments, folder=self.folder / "none", **options)
            self.assertIn(words, str(refused.exception))
        self.assertFalse((self.folder / "none").exists())
        with self.assertRaises(rnn_rates.Error) as failed:
            infer(counts, settings={"model.hidden_sise": 8})
        self.assertEqual(failed.exception.code, 3)
        self.assertIn("model.hidden_sise", str(failed.exception))

    def progress(self, first_line):
        """What infer writes to a terminal, line by line, also what it overwrites."""
        text = (f"{first_line}\nimport numpy, rnn_rates\n"
                "counts = numpy.random.default_rng(0).poisson(1, (8, 3, 40))\n"
                f"rnn_rates.infer(counts, window_ms={WINDOW_MS}, settings={QUICK})")
        ours, its = pty.openpty()
        termios.tcsetwinsize(its, (24, 150))
        process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", text], stderr=its, env={
            **os.environ, "PYTHONPATH": str(pipeline.SOURCE / "python")})
        os.close(its)
        lines = [line.strip() for line in _programs._lines(ours) if line.strip()]
        os.close(ours)
        self.assertEqual(process.wait(), 0, lines)
        self.assertRegex(lines[0], "^rnn_rates: results go to /.*/rnn_output/recording$")
        return lines[1:]

    def test_bar_on_a_terminal(self):
        lines = self.progress("")
        self.assertRegex(lines[-1], r"^infer_write: 100%\|")
        self.assertFalse([line for line in lines if not re.match(r"^(\w+.*: +)?\d+%\|", line)])

    def test_without_tqdm_a_line_per_stage(self):
        lines = self.progress("import sys; sys.modules['tqdm'] = sys.modules['tqdm.auto'] = None")
        self.assertEqual(lines, [f"rnn_rates: {stage}" for stage in pipeline.STAGES[:4]])

    def test_interrupt_stops_the_program_with_its_work_saved(self):
        text = ("import numpy, rnn_rates\n"
                "counts = numpy.random.default_rng(0).poisson(1, (40, 20, 40))\n"
                f"rnn_rates.infer(counts, window_ms={WINDOW_MS}, folder='{self.folder}', settings={{'train.steps': 100000}})")
        process = subprocess.Popen([sys.executable, "-c", text], stderr=subprocess.PIPE, text=True, env={
            **os.environ, "PYTHONPATH": str(pipeline.SOURCE / "python")})
        while not (self.folder / "rnn_output/recording/models").exists():
            time.sleep(0.05)
            self.assertIsNone(process.poll(), "it ended before it trained")
        process.send_signal(signal.SIGINT)
        self.assertIn("KeyboardInterrupt", process.communicate(timeout=60)[1])
        self.assertFalse((self.folder / "rnn_output/recording/.rnn_rates.lock").exists())
        self.assertTrue(list(self.folder.glob("rnn_output/recording/models/*.ckpt.h5")))


@SANITIZED
class Open(pipeline.PipelineTest):
    def test_arrays_are_read_when_they_are_used(self):
        infer(SPIKES.counts, conditions=SPIKES.conditions, folder=self.folder)
        data = rnn_rates.open(self.folder)
        self.assertNotIsInstance(data.rate_hz.variable._data, np.ndarray)
        rate_hz, part = data.load().rate_hz.values, rnn_rates.open(self.folder).rate_hz
        np.testing.assert_array_equal(part[3], rate_hz[3])
        np.testing.assert_array_equal(part[[5, 2]][:, 1:3, -1], rate_hz[[5, 2]][:, 1:3, -1])
        np.testing.assert_array_equal(part.sel(time_ms=slice(0, 300)), rate_hz[:, :, 10:22])
        stale = rnn_rates.open(self.folder)
        infer(SPIKES.counts, conditions=SPIKES.conditions, folder=self.folder, settings={"seed": 1})
        with self.assertRaisesRegex(RuntimeError, "computed anew since it was opened"):
            stale.rate_hz.load()

    def test_networks_by_region_and_condition_in_one_array(self):
        regions = list(UNITS.values())
        data = infer(SPIKES.counts, conditions=SPIKES.conditions, regions=regions, config="reference", settings={
            "fits.separate_regions": True, "infer.combine_with": []})
        self.assertEqual(data.sizes["fit"], 4)
        with h5py.File(data.folder + "/rates.h5") as h5:
            for taste, condition in enumerate(("nacl", "water")):
                for region in ("bla", "gc"):
                    fit = h5[f"rnn_output/regions/region_{region}_taste_{taste}"]
                    part = data.isel(trial=data.condition == condition, unit=data.unit_region == region)
                    np.testing.assert_array_equal(part.rate_hz, fit["rate_hz"][:])
                    factors = data.isel(trial=data.condition == condition, factor=data.factor_region == region).latent_factors
                    np.testing.assert_array_equal(factors, fit["latent_out"][:].transpose(1, 2, 0))
        # The first 100 ms have no rate; counts stand beside the rates of their own bins.
        np.testing.assert_array_equal(data.counts, SPIKES.counts[:, :, 4:])
        self.assertEqual(data.rate_hz.uses_condition_label, 1)

    def test_places_without_results_say_so(self):
        with self.assertRaisesRegex(FileNotFoundError, "no rates.h5 here or in rnn_output"):
            rnn_rates.open(self.folder)


class Project(unittest.TestCase):
    def test_is_cited_by_its_version(self):
        version = re.search(r"project\(rnn_rates VERSION (\S+)", (pipeline.SOURCE / "CMakeLists.txt").read_text())[1]
        cited = yaml.safe_load((pipeline.SOURCE / "CITATION.cff").read_text())
        self.assertEqual((cited["version"], cited["cff-version"]), (version, "1.2.0"))


@SANITIZED
class Many(pipeline.PipelineTest):
    """Three recordings of one's own, the second of which is no HDF5 file."""

    def setUp(self):
        super().setUp()
        for number, name in enumerate("abc"):
            with h5py.File(self.folder / f"{name}.h5", "w") as h5:
                h5["spike_trains/nacl/counts"] = np.roll(SPIKES.counts[SPIKES.conditions == "nacl"], number, axis=2).astype("u2")
                h5["spike_trains/water/counts"] = np.roll(SPIKES.counts[SPIKES.conditions == "water"], number, axis=2).astype("u2")
                h5["spike_trains"].attrs["bin_ms"] = 25
        (self.folder / "b.h5").write_bytes(b"no HDF5 file")
        self.list = self.folder / "sessions.tsv"
        self.list.write_text("path\tid\tmodel.rank\na.h5\trat_1\t\nb.h5\trat_2\t\nc.h5\trat_3\t4\n")
        self.out = self.folder / "out"
        settings = {"stim_ms": 250, "time_lims_ms": [0, 1000], "plots.select": ["losses"], **QUICK}
        words = _programs.settings_flags(settings)
        self.flags = ["--manifest", self.list, "-o", self.out, *words]

    def states(self):
        code, out, _ = ended(command("status", *self.flags))
        row = re.compile(r"(\w+) .* MB  (?:-|good|use with care|do not use)  +(.*)")
        return code, dict(row.match(line).groups() for line in out.splitlines())

    def test_chain_summary_and_codes(self):
        code, states = self.states()
        self.assertEqual((code, states["rat_1"], states["rat_3"]), (8, "extract_bins: to do", "extract_bins: to do"))
        self.assertRegex(states["rat_2"], r"extract_bins: .*b\.h5: .")
        code, out, err = ended(command("run", *self.flags))
        self.assertEqual(code, 8, err)
        self.assertEqual(out.splitlines()[0], "3 sessions: 2 computed, 1 failed")
        self.assertRegex(out.splitlines()[-1], r"^rat_2: extract_bins: .*b\.h5: .")
        self.assertTrue((self.out / "index.html").exists())
        code, out, _ = ended(command("run", *self.flags))
        self.assertEqual((code, out.splitlines()[0]), (8, "3 sessions: 2 up to date, 1 failed"))
        self.assertEqual({**self.states()[1], "rat_2": ""}, {"rat_1": "up to date", "rat_2": "", "rat_3": "up to date"})
        with self.assertWarnsRegex(UserWarning, "1 of 3 sessions have no rates: rat_2"):
            tree = rnn_rates.open_dataset(self.list, self.out)
        self.assertEqual((sorted(tree), tree.attrs["without_results"]), (["rat_1", "rat_3"], ["rat_2"]))
        # Its own line of the list asks for four factors; there are no more than five units.
        self.assertEqual([tree[name].sizes["factor"] for name in ("rat_1", "rat_3")], [5, 4])
        self.clean()

    def clean(self):
        stale = self.out / "rat_1/models/region_all_taste_0.h5"
        kept = self.out / "rat_1/models/region_all_taste_all_fold_0_trial_1_rung_0.h5"
        for path in (stale, kept):
            path.write_bytes((self.out / "rat_1/models/region_all_taste_all_fold_0.h5").read_bytes())
        code, out, _ = ended(command("clean", "-n", *self.flags))
        self.assertEqual((code, out), (0, f"would remove {stale}\n"))
        self.assertEqual(ended(command("clean", *self.flags))[1], f"removed {stale}\n")
        self.assertEqual((stale.exists(), kept.exists(), self.states()[1]["rat_1"]), (False, True, "up to date"))
        self.assertEqual(ended(command("clean", "--all", *self.flags))[0], 0)
        self.assertEqual([path.name for path in self.out.glob("rat_*/*")], [])
        self.assertTrue((self.folder / "a.h5").exists())

    def test_of_a_single_session_the_code_is_its_own(self):
        self.flags[:2] = [self.folder / "b.h5"]
        code, out, _ = ended(command("run", *self.flags))
        self.assertEqual((code, out.splitlines()[0]), (4, "1 session: 1 failed"))
        code, _, err = ended(command("run", *self.flags, "--set", "model.hidden_sise=8"))
        self.assertEqual(code, 3)
        self.assertIn("model.hidden_sise", err)
        self.assertEqual(ended(command("run"))[0], 2)

    def test_stopped_chain_ends_with_75(self):
        self.flags[:2] = [self.folder / "a.h5"]
        process = command("run", *self.flags, "--set", "train.steps=100000")
        while not (self.out / "a/models").exists():
            time.sleep(0.05)
            self.assertIsNone(process.poll(), "it ended before it trained")
        process.send_signal(signal.SIGTERM)
        code, out, err = ended(process)
        self.assertEqual((code, out.splitlines()[0]), (75, "1 session: 1 stopped"), err)


if __name__ == "__main__":
    pipeline.main()
