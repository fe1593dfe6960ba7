"""File systems without locks, as some clusters have them: flock() is made to fail by a library loaded before others."""
import errno
import fcntl
import shutil

import h5py

import damages
import pipeline
import preload
import small_session
from pipeline import STAGES, digests
from refusals import RefusalTest

SHIM = """
#include <errno.h>
#include <stdlib.h>
int flock(int file, int how) { (void)file; (void)how; errno = atoi(getenv("FLOCK_ERRNO")); return -1; }
"""


class NoLocks(RefusalTest):
    def setUp(self):
        super().setUp()
        self.shim = preload.build(self, "no_flock", SHIM)
        self.session = small_session.write(self.folder / "session")

    def without_locks(self, reason):
        return {"LD_PRELOAD": str(self.shim), "FLOCK_ERRNO": str(reason)}

    def test_all_stages_work_say_so_once_and_give_the_same(self):
        expected = {}
        for stage in STAGES:
            expected |= digests(self.run_ok(stage, self.session, *small_session.flags()))
        for reason in (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP):
            with self.subTest(errno.errorcode[reason]):
                found = {}
                for stage in STAGES:
                    done = pipeline.run_stage(stage, self.session, *small_session.flags(), "-o", self.folder / "out",
                                              env=self.without_locks(reason))
                    self.assertEqual(done.returncode, 0, done.stderr)
                    # HDF5 itself passes over a file system that does not know the call.
                    said = done.stderr.count("without locks")
                    self.assertEqual(said, 0 if reason == errno.ENOSYS else 1, done.stderr)
                    found |= digests(self.run_ok(stage, self.session, *small_session.flags(), "-o",
                                                 self.folder / "out"))
                self.assertEqual(found, expected)
                shutil.rmtree(self.folder / "out")

    def test_publishing(self):
        for stage in STAGES[:4]:
            self.run_ok(stage, self.session, *small_session.flags())
        self.run_ok("infer_write", self.session, *small_session.flags(), "--publish",
                    env=self.without_locks(errno.ENOLCK))
        with small_session.edit(self.session) as file:
            self.assertIn("rnn_output/regions", file)

    def test_a_linked_file_takes_the_environment_variable(self):
        """HDF5 opens such a file by itself, and asks for locks unless the variable says otherwise."""
        with small_session.edit(self.session) as file, h5py.File(self.session / "part", "w") as part:
            part["x"] = file[damages.ARRAY][()]
        damages.link(h5py.ExternalLink("part", "/x"))(self.session)
        self.run_ok("extract_bins", self.session, *small_session.flags(),
                    env=self.without_locks(errno.ENOLCK) | {"HDF5_USE_FILE_LOCKING": "FALSE"})

    def test_a_file_that_another_program_writes_is_refused(self):
        with open(small_session.h5_of(self.session), "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.fails(4, ["session.h5", "another program has it open for writing"], "extract_bins", self.session)
        self.works(self.session, stages=STAGES[:1])


if __name__ == "__main__":
    pipeline.main()
