"""Damaged files on which HDF5 1.10 itself crashes or hangs are refused like others; other crashes are not."""
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
        self.fails(4, [str(path), "damaged"], "extract_bins", session)

    def test_texts_with_a_free_place_of_no_size(self):
        session = small_session.write(self.folder / "session")
        with small_session.edit(session) as file:
            file["spike_trains/unit_regions"] = ["gc", "gc", "gc", "bla", "bla"]
        path = small_session.h5_of(session)
        data = bytearray(path.read_bytes())
        at = data.index(b"GCOL") + 16
        while number := struct.unpack_from("<H", data, at)[0]:
            size = struct.unpack_from("<Q", data, at + 8)[0]
            self.assertLess(number, 100)
            at += 16 + (size + 7) // 8 * 8
        data[at + 8:at + 16] = bytes(8)  # Place 0 is what is free; HDF5 1.10 steps over it again and again.
        path.write_bytes(data)
        self.fails(4, [str(path), "damaged"], "extract_bins", session)

    def test_other_crashes_end_as_ever(self):
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
