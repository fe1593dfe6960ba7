"""infer_write --nwb: what pynwb reads is what rates.h5 holds, and neither its validator nor nwbinspector objects."""
import json

import h5py
import numpy as np

import nwb
import pipeline
import small_session
from pipeline import STAGES, statuses

# Prints what pynwb makes of the file, and what validators say.
LOOK = """
import json, sys
from pynwb import NWBHDF5IO, validate
from nwbinspector import inspect_nwbfile, Importance
path = sys.argv[1]
found = validate(path=path)
errors = [str(one) for one in (found[0] if isinstance(found, tuple) else found)]
grave = [(m.importance.name, m.check_function_name, m.message, m.location)
         for m in inspect_nwbfile(nwbfile_path=path, importance_threshold=Importance.BEST_PRACTICE_VIOLATION)]
with NWBHDF5IO(path, "r") as io:
    file = io.read()
    module = file.processing["rnn_rates"]
    series = {name: dict(data=one.data[:].tolist(), times=one.timestamps[:].tolist(), unit=one.unit)
              for name, one in module.data_interfaces.items() if name != "units"}
    trials = file.trials.to_dataframe()
    print(json.dumps(dict(errors=errors, grave=grave, series=series, identifier=file.identifier,
                          start=file.session_start_time.isoformat(), description=file.session_description,
                          subject=file.subject.subject_id if file.subject else None,
                          conditions=trials.condition.tolist(), starts=trials.start_time.tolist(),
                          regions=module["units"]["region"][:].tolist())))
"""


class Written(pipeline.PipelineTest):
    def write(self, session, *flags):
        self.run_all(session, *small_session.flags(), stages=STAGES[:3])
        out = session.parent / "rnn_output" / session.stem if session.suffix else session / "rnn_output"
        self.assertEqual(statuses(self.run_ok("infer_write", session, "--nwb", *small_session.flags(), *flags))["rates.nwb"],
                         "computed")
        found = json.loads(nwb.run("-W", "ignore", "-c", LOOK, out / "rates.nwb").splitlines()[-1])
        self.assertEqual(found["errors"], [])
        self.assertEqual(found["grave"], [])
        return out, found

    def check_values(self, out, found):
        """Rows are trials in order of time, each with its bins."""
        with h5py.File(out / "rates.h5") as rates, h5py.File(out / "bins.h5") as bins:
            names = [name.decode() for name in bins["taste_names"][()]]
            self.assertEqual(found["regions"], [name.decode() for name in bins["unit_regions"][()]])
            for fit in rates["rnn_output/regions"]:
                group = rates[f"rnn_output/regions/{fit}"]
                place = {taste: iter(np.flatnonzero(group["trial_taste"][()] == at)) for at, taste in enumerate(names)}
                order = [next(place[taste], None) for taste in found["conditions"]]
                order = [trial for trial in order if trial is not None]
                self.assertEqual(sorted(order), list(range(len(group["trial_taste"]))))
                hz = group["rate_hz"][()][order].transpose(0, 2, 1).reshape(-1, group["rate_hz"].shape[1])
                latents = group["latent_out"][()].transpose(1, 0, 2)[order].reshape(-1, group["latent_out"].shape[2])
                np.testing.assert_array_equal(np.array(found["series"][f"{fit}_rate"]["data"], np.float32), hz)
                np.testing.assert_array_equal(np.array(found["series"][f"{fit}_latent"]["data"], np.float32), latents)
                self.assertEqual(found["series"][f"{fit}_rate"]["unit"], "Hz")

    def test_from_a_session_whose_times_are_not_known(self):
        session = small_session.write(self.folder / "EB13_230529_110345")
        out, found = self.write(session)
        self.check_values(out, found)
        self.assertEqual(found["start"][:19], "2023-05-29T11:03:45")
        self.assertIn("times are made up", found["description"])
        self.assertEqual(found["conditions"], ["sucrose"] * 8 + ["quinine"] * 7)

    def test_from_nwb_with_the_recordings_own_times(self):
        session = small_session.write_spike_times(self.folder / "small")
        path = nwb.write_session(session, self.folder / "recording.nwb")
        out, found = self.write(path)
        self.check_values(out, found)
        self.assertEqual((found["subject"], found["start"][:19]), ("T1", "2023-05-29T11:03:45"))
        self.assertTrue(found["identifier"].startswith("small_rnn_rates_"))
        # The session's trials start at 10 s and every 2 s; the window goes from 100 ms before each to 500 ms after.
        np.testing.assert_allclose(found["starts"], 10 + 2 * np.arange(15) - 0.1, atol=1e-9)
        with h5py.File(out / "rates.h5") as rates:
            fit = sorted(rates["rnn_output/regions"])[0]
            time_ms = rates[f"rnn_output/regions/{fit}/time_ms"][()]
        np.testing.assert_allclose(found["series"][f"{fit}_rate"]["times"][:len(time_ms)], 10 + time_ms / 1000, atol=1e-9)

    def test_again_is_up_to_date_and_follows_the_rates(self):
        session = small_session.write(self.folder / "session")
        out, _ = self.write(session)
        again = self.run_ok("infer_write", session, "--nwb", *small_session.flags())
        self.assertEqual(statuses(again)["rates.nwb"], "up to date")
        before = (out / "rates.nwb").read_bytes()
        flags = small_session.flags(seed="5")
        self.assertEqual(statuses(self.run_ok("infer_write", session, "--nwb", "-n", *flags))["rates.nwb"], "to do")
        self.assertEqual((out / "rates.nwb").read_bytes(), before)
        self.run_all(session, *flags, stages=STAGES[:3])
        self.assertEqual(statuses(self.run_ok("infer_write", session, "--nwb", *flags))["rates.nwb"], "computed")
        self.assertNotEqual((out / "rates.nwb").read_bytes(), before)

    def test_publishing_into_an_nwb_file_is_refused(self):
        session = small_session.write_spike_times(self.folder / "small")
        path = nwb.write_session(session, self.folder / "recording.nwb")
        before = path.read_bytes()
        for name in ("recording.nwb", "by_another_name.h5"):
            path = path.rename(self.folder / name)
            self.run_all(path, *small_session.flags(), stages=STAGES[:3])
            self.run_fails(2, ["--nwb"], "infer_write", path, "--publish", *small_session.flags())
            self.assertEqual(path.read_bytes(), before)


if __name__ == "__main__":
    pipeline.main()
