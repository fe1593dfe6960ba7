"""A crash, such as HDF5 1.10's on some damaged files, names the file that was read and ends the program by its signal."""
import os
import signal
import struct
import subprocess

import pipeline
import processes
import small_session
from refusals import RefusalTest


class Hdf5Crash(RefusalTest):
    def test_a_list_of_names_without_end(self):
        session = small_session.write(self.folder / "session")
        path = small_session.h5_of(session)
        data = bytearray(path.read_bytes())
        at = data.index(b"HEAP") + 8  # The size of the list of a group's names.
        data[at:at + 8] = struct.pack("<Q", 2**64 - 2)
        path.write_bytes(data)
        done = pipeline.run_stage("extract_bins", session, *small_session.flags())
        self.assertIn(done.returncode, (-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGABRT), done.stderr)
        self.assertIn(f"extract_bins error: crashed after it opened {path}, which may be damaged: restore it", done.stderr)
        with self.subTest("the same command works once the file is restored"):
            small_session.write(session)
            self.run_ok("extract_bins", session, *small_session.flags())

    def test_a_crash_before_any_file_is_opened_blames_none(self):
        sessions = self.folder / "sessions.tsv"
        os.mkfifo(sessions)  # Nobody writes into it, so the program waits.
        process = subprocess.Popen([pipeline.BIN / "extract_bins", "--manifest", sessions], stderr=subprocess.PIPE)
        processes.wait_until_catching(process, signal.SIGABRT)
        process.send_signal(signal.SIGABRT)
        said = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, -signal.SIGABRT)
        self.assertNotIn(b"damaged", said)


if __name__ == "__main__":
    pipeline.main()
