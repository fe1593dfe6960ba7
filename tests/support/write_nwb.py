"""Writes blech_clust's session folder (with trial_info_frame.csv, NAME.info and NAME.params) as an NWB file.

    write_nwb.py SESSION_DIR OUT.nwb        run by a Python that has pynwb

Spikes come from /spike_trains, several in one ms included, else from /sorted_units.
"""
import csv
import json
import sys
from datetime import datetime, timezone
from pathlib import Path

import h5py
import numpy as np
from pynwb import NWBHDF5IO, NWBFile
from pynwb.file import Subject


def spike_times_s(h5, rows, cut):
    """(unit) rising spike times."""
    samples_per_ms = cut["sampling_rate"] / 1000
    if "spike_trains" not in h5:
        return [np.sort(h5[f"sorted_units/{name}/times"][:]) / cut["sampling_rate"] for name in sorted(h5["sorted_units"])]
    seen, parts = {}, []
    for row in rows:
        name = row["dig_in_name_taste"]
        trial = h5[f"spike_trains/{name}/spike_array"][seen.setdefault(name, 0)].astype(int)
        seen[name] += 1
        start_ms = float(row["start_taste"]) / samples_per_ms - cut["spike_array_durations"][0]
        parts.append([start_ms + np.repeat(np.arange(trial.shape[1]), unit) for unit in trial])
    return [np.sort(np.concatenate(unit)) / 1000 for unit in zip(*parts)]


def main(session, out):
    session = Path(session)
    info = json.loads((session / f"{session.name}.info").read_text())
    cut = json.loads((session / f"{session.name}.params").read_text())
    with open(session / "trial_info_frame.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    location = {e: region for region, cars in info["electrode_layout"].items() for car in cars for e in car}
    nwb = NWBFile(session_description="a test session", identifier=session.name,
                  session_start_time=datetime(2023, 5, 29, 11, 3, 45, tzinfo=timezone.utc),
                  subject=Subject(subject_id="T1", species="Rattus norvegicus", age="P90D", sex="U"))
    device = nwb.create_device("probe")
    groups = {name: nwb.create_electrode_group(name, name, name, device) for name in sorted(set(location.values()))}
    for electrode in sorted(location):
        nwb.add_electrode(group=groups[location[electrode]], location=location[electrode])
    with h5py.File(session / f"{session.name}.h5") as h5:
        electrodes = h5["unit_descriptor"]["electrode_number"]
        for unit, times in enumerate(spike_times_s(h5, rows, cut)):
            nwb.add_unit(spike_times=times, electrodes=[sorted(location).index(electrodes[unit])])
    tastes = dict(zip(info["taste_params"]["dig_in_names"], info["taste_params"]["tastes"]))
    nwb.add_trial_column("dig_in_name_taste", "digital input")
    nwb.add_trial_column("taste", "what was given")
    nwb.add_trial_column("laser", "whether the laser was on")
    more = [name for name in ("laser_duration_ms", "laser_lag_ms") if name in rows[0]]
    for name in more:
        nwb.add_trial_column(name, "of the laser")
    for row in rows:
        start_s = float(row["start_taste"]) / cut["sampling_rate"]
        nwb.add_trial(start_time=start_s, stop_time=start_s + 1.0, dig_in_name_taste=row["dig_in_name_taste"],
                      taste=tastes[row["dig_in_name_taste"]], laser=row.get("laser") == "True",
                      **{name: float(row[name] or "nan") for name in more})
    with NWBHDF5IO(out, "w") as io:
        io.write(nwb)


if __name__ == "__main__":
    main(*sys.argv[1:])
