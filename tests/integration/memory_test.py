"""infer_write holds one fit at a time: its memory hardly grows with the fits of a session."""
import contextlib
import subprocess
import time
from pathlib import Path

import pipeline
import small_session

FLAGS = ["--set", "time_lims_ms=[0, 1000]", "--set", "stim_ms=300", "--set", "train.folds=2", "--set", "train.steps=2",
         "--set", "fits.separate_tastes=true", "--threads", "1"]
TRIALS, UNITS, BINS = 60, 60, 40


class Memory(pipeline.PipelineTest):
    def peak_mb(self, tastes):
        spikes = small_session.draw_spikes(trials=(TRIALS,) * tastes, units=UNITS)
        session = small_session.write(self.folder / f"of_{tastes}", spikes, info=False, descriptor=False)
        for stage in pipeline.STAGES[:3]:
            self.run_ok(stage, session, *FLAGS)
        process = subprocess.Popen([pipeline.BIN / "infer_write", session, *FLAGS], stderr=subprocess.DEVNULL)
        # What wait4() tells includes this process before the program took its place.
        peak_kb = 0
        while process.poll() is None:
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
                peak_kb = max([peak_kb, *(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))])
            time.sleep(0.005)
        self.assertEqual(process.returncode, 0)
        return peak_kb / 1e3

    def test_many_fits_take_little_more_than_few(self):
        few, many = self.peak_mb(2), self.peak_mb(12)
        # Counts of a taste in memory, and its rates as the file has them, one array of 8 bytes and three of 4 an entry.
        entries = TRIALS * UNITS * BINS
        counts_mb, rates_mb = entries * 2 / 1e6, entries * 20 / 1e6
        self.assertLess(many - few, 10 * (counts_mb + rates_mb), f"{few} MB for 2 fits, {many} MB for 12")


if __name__ == "__main__":
    pipeline.main()
