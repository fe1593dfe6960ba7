"""infer_write holds one fit at a time: its memory hardly grows with the fits of a session."""
import os
import subprocess

import pipeline
import small_session

FLAGS = ["--set", "time_lims_ms=[0, 1000]", "--set", "stim_ms=300", "--set", "train.folds=2", "--set", "train.steps=2",
         "--set", "fits.separate_tastes=true", "--threads", "1"]
TRIALS, UNITS, BINS = 30, 40, 40


class Memory(pipeline.PipelineTest):
    def peak_mb(self, tastes):
        spikes = small_session.draw_spikes(trials=(TRIALS,) * tastes, units=UNITS)
        session = small_session.write(self.folder / f"of_{tastes}", spikes, info=False, descriptor=False)
        for stage in pipeline.STAGES[:3]:
            self.run_ok(stage, session, *FLAGS)
        process = subprocess.Popen([pipeline.BIN / "infer_write", session, *FLAGS], stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return used.ru_maxrss / 1e3

    def test_many_fits_take_little_more_than_few(self):
        few, many = self.peak_mb(2), self.peak_mb(12)
        # Counts of a taste in memory, and its rates as the file has them, one array of 8 bytes and three of 4 an entry.
        entries = TRIALS * UNITS * BINS
        counts_mb, rates_mb = entries * 2 / 1e6, entries * 20 / 1e6
        self.assertLess(many - few, 10 * (counts_mb + rates_mb), f"{few} MB for 2 fits, {many} MB for 12")


if __name__ == "__main__":
    pipeline.main()
