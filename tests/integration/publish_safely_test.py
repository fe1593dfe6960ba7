"""infer_write --publish puts an edited copy in the recording's place: only where that loses nothing, and it is the right recording."""
import errno
import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import time

import h5py
import numpy as np

import pipeline
import preload
import processes
import small_session
import trained_session
from pipeline import STAGES, run_stage
from refusals import AS_USER

#: HDF5 without locks, as before version 1.10 or on the wish of HDF5_USE_FILE_LOCKING.
WRITER = """
import os, sys
locked = sys.argv[2] == "locked"
if not locked:
    os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"
import h5py
file = h5py.File(sys.argv[1], "r+")
print(flush=True)
sys.stdin.readline()
file["own_analysis"] = [1, 2, 3]
file.close()
"""


class PublishTest(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.session = trained_session.copy(self.folder)
        self.h5 = small_session.h5_of(self.session)
        self.rates = self.session / "rnn_output/rates.h5"
        self.command = ["infer_write", self.session, *small_session.flags(), "--publish"]

    def refused(self, code, words, *arguments, **options):
        before = self.h5.read_bytes()
        self.run_fails(code, words, *self.command, *arguments, **options)
        self.assertEqual(self.h5.read_bytes(), before)
        self.assertFalse(list(self.session.glob(".*")), "leftovers")


class WhileAnotherProgramWrites(PublishTest):
    def test_it_is_refused(self):
        for how in ("locked", "without locks"):
            with self.subTest(how):
                writer = subprocess.Popen([sys.executable, "-c", WRITER, self.h5, how], stdin=subprocess.PIPE,
                                          stdout=subprocess.PIPE, text=True)
                self.addCleanup(writer.kill)
                writer.stdout.readline()
                for force in ([], ["--force"]):
                    self.refused(4, [str(self.h5), "another program has it open for writing"], *force)
                writer.communicate("go\n")
                with small_session.edit(self.session) as file:
                    self.assertIn("own_analysis", file)
                    del file["own_analysis"]

    def test_it_is_refused_under_any_kind_of_lock(self):
        with open(self.h5, "rb+") as file:
            os.set_inheritable(file.fileno(), False)
            fcntl.lockf(file, fcntl.LOCK_EX)
            self.refused(4, ["another program has it open for writing"], "--force")

    def test_a_reader_is_no_hindrance(self):
        with h5py.File(self.h5) as file:
            self.run_ok(*self.command)
            self.assertNotIn("rnn_output", file)


class TheWrongRates(PublishTest):
    def test_the_recording_was_sorted_anew(self):
        small_session.write(self.session, small_session.draw_spikes(units=4, seed=7), electrodes=[0, 2, 4, 5])
        self.refused(4, [str(self.h5), "its spikes are not those", "extract_bins"], "--force")

    def test_one_spike_is_another(self):
        with small_session.edit(self.session) as file:
            spikes = file["spike_trains/dig_in_1/spike_array"]
            spikes[3, 2, 400] = 1 - spikes[3, 2, 400]
        self.refused(4, ["its spikes are not those"])

    def test_a_recording_that_was_only_touched_is_the_same(self):
        os.utime(self.h5)
        with small_session.edit(self.session) as file:
            file["own_analysis"] = np.arange(3)
        self.run_ok(*self.command)

    def test_it_is_read_as_it_was_then(self):
        """With the settings of bins.h5, not those of this command."""
        os.utime(self.h5)
        self.run_ok(*self.command, "--set", "time_lims_ms=[0, 1000]", "--set", "regions=all")

    def test_damaged_rates(self):
        with h5py.File(self.rates) as file:
            names = []
            file.visititems(lambda name, node: names.append(name) if isinstance(node, h5py.Dataset) and node.nbytes > 500 else None)
        whole = self.rates.read_bytes()
        for name in names:
            small_session.flip_bit_of(self.rates, name)
            with self.subTest(name):
                self.refused(4, [str(self.rates), "infer_write --force"])
            self.rates.write_bytes(whole)

    def test_any_bit_of_rates_h5(self):
        """Some, in the records of chunks, switch HDF5's own checks off, which then reads other numbers without a word."""
        whole, before = self.rates.read_bytes(), self.h5.read_bytes()
        with h5py.File(self.rates) as file:
            expected = {}
            file["rnn_output"].visititems(lambda name, node: expected.update({name: node[()]}) if isinstance(node, h5py.Dataset) else None)
        random = np.random.default_rng(0)
        for at in random.integers(0, len(whole), 40):
            self.rates.write_bytes(whole)
            small_session.flip_bit(self.rates, int(at), int(random.integers(8)))
            with self.subTest(at=int(at)):
                done = run_stage(*self.command)
                if done.returncode != 0:
                    self.assertEqual(done.returncode, 4, done.stderr)
                    self.assertEqual(self.h5.read_bytes(), before)
                    continue
                with h5py.File(self.h5) as file:
                    for name, values in expected.items():
                        np.testing.assert_array_equal(file["rnn_output"][name][()], values)
            self.h5.write_bytes(before)

    def test_what_another_program_published_is_replaced_on_request_only(self):
        with small_session.edit(self.session) as file:
            file["rnn_output/regions/region_all_taste_0/pred_firing"] = np.arange(5.0)
        self.refused(4, [str(self.h5), "/rnn_output", "--force"])
        done = run_stage(*self.command, "--force")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("which another program made, is replaced", done.stderr)
        with small_session.edit(self.session) as file:
            self.assertIn("rate_hz", file["rnn_output/regions/region_all_taste_0"])


class WhatARenameWouldLose(PublishTest):
    def test_hard_links(self):
        os.link(self.h5, self.folder / "backup.h5")
        self.refused(5, [str(self.h5), "hard links", "cp"], "--force")

    def test_extended_attributes(self):
        for name, value in ((b"user.note", b"rat 12"), (b"user.empty", b"")):
            try:
                os.setxattr(self.h5, name, value)
            except OSError:
                self.skipTest("this file system has no extended attributes")
        self.run_ok(*self.command)
        self.assertEqual(os.getxattr(self.h5, "user.note"), b"rat 12")
        self.assertEqual(os.getxattr(self.h5, "user.empty"), b"")

    def test_access_lists_those_of_the_folder_too(self):
        if not shutil.which("setfacl") or subprocess.run(["setfacl", "-m", "u:2001:rw", self.h5], capture_output=True).returncode != 0:
            self.skipTest("no access lists here (setfacl)")
        expected = subprocess.run(["getfacl", "-cn", self.h5], capture_output=True, check=True).stdout
        subprocess.run(["setfacl", "-d", "-m", "u:2002:rwx", self.session], check=True)
        self.run_ok(*self.command)
        self.assertEqual(subprocess.run(["getfacl", "-cn", self.h5], capture_output=True, check=True).stdout, expected)

    def test_owner(self):
        if os.geteuid() != 0:
            self.skipTest("it takes root to give a file away")
        os.chown(self.h5, 2001, 2002)
        self.h5.chmod(0o4664)
        self.run_ok(*self.command)
        now = self.h5.stat()
        self.assertEqual((now.st_uid, now.st_gid, stat.S_IMODE(now.st_mode)), (2001, 2002, 0o4664))

    def test_an_owner_that_it_cannot_be_given_to(self):
        if os.geteuid() != 0:
            self.skipTest("it takes root to be two users")
        subprocess.run(["chmod", "-R", "a+rwX", self.folder], check=True)
        user = ["setpriv", "--reuid=2003", "--regid=2003", "--clear-groups"]
        self.refused(5, [str(self.h5), "belongs to user 0", "its owner"], prefix=user)

    def test_protected_files(self):
        for flag in ("i", "a"):
            if subprocess.run(["chattr", f"+{flag}", self.h5], capture_output=True).returncode != 0:
                self.skipTest("files cannot be protected here (chattr)")
            self.addCleanup(subprocess.run, ["chattr", f"-{flag}", self.h5], check=False)
            with self.subTest(flag):
                self.refused(5, [str(self.h5)], "--force")
            subprocess.run(["chattr", f"-{flag}", self.h5], check=True)

    def test_flags(self):
        if subprocess.run(["chattr", "+dA", self.h5], capture_output=True).returncode != 0:
            self.skipTest("files have no flags here (chattr)")
        self.run_ok(*self.command)
        flags = subprocess.run(["lsattr", self.h5], capture_output=True, text=True, check=True).stdout.split()[0]
        self.assertIn("d", flags)
        self.assertIn("A", flags)

    def test_a_read_only_recording(self):
        self.h5.chmod(0o444)
        self.refused(5, [str(self.h5), "read-only"], prefix=AS_USER)

    def test_holes(self):
        """A file much of which was never written takes no more room than before."""
        with small_session.edit(self.session) as file:
            space = h5py.h5s.create_simple((64 << 20,))
            plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
            plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
            h5py.h5d.create(file.id, b"raw", h5py.h5t.NATIVE_UINT8, space, plist)
        before = self.h5.stat()
        if before.st_blocks * 512 >= before.st_size:
            self.skipTest("this file system has no holes")
        self.run_ok(*self.command)
        self.assertLess(self.h5.stat().st_blocks * 512, 32 << 20)


class WhateverTheKernelSays(PublishTest):
    """Fast ways to copy that fail, or that claim to have done what they have not."""
    SHIM = """
        #include <errno.h>
        #include <linux/fs.h>
        #include <stdarg.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        static const char* how(void) { return getenv("FAST_COPY"); }
        static long outcome(void) {
          if (strcmp(how(), "claims") == 0 || strcmp(how(), "nothing") == 0) return 0;
          errno = strcmp(how(), "EIO") == 0 ? EIO : EOPNOTSUPP;
          return -1;
        }
        ssize_t copy_file_range(int a, off64_t* x, int b, off64_t* y, size_t n, unsigned f) {
          return strcmp(how(), "claims") == 0 ? (ssize_t)n : outcome();
        }
        ssize_t sendfile(int a, int b, off_t* o, size_t n) { return copy_file_range(b, 0, a, 0, n, 0); }
        int ioctl(int file, unsigned long request, ...) {
          va_list arguments;
          va_start(arguments, request);
          void* what = va_arg(arguments, void*);
          va_end(arguments);
          if (request == FICLONE) return (int)outcome();
          return (int)syscall(SYS_ioctl, file, request, what);
        }
        ssize_t pwrite64(int file, const void* bytes, size_t n, off64_t at) {
          if (strcmp(how(), "short") == 0 && n > 1000) n = 1000;
          return syscall(SYS_pwrite64, file, bytes, n, at);
        }
        ssize_t pwrite(int file, const void* bytes, size_t n, off_t at) { return pwrite64(file, bytes, n, at); }
        ssize_t pread64(int file, void* bytes, size_t n, off64_t at) {
          if (strcmp(how(), "short") == 0 && n > 1000) n = 1000;
          return syscall(SYS_pread64, file, bytes, n, at);
        }
        ssize_t pread(int file, void* bytes, size_t n, off_t at) { return pread64(file, bytes, n, at); }
        """

    def test_the_copy_is_whole(self):
        shim = preload.build(self, "fast_copy", self.SHIM)
        with small_session.edit(self.session) as file:
            file["raw"] = np.random.default_rng(0).integers(0, 255, 3_000_000, np.uint8)
        for how in ("EIO", "EOPNOTSUPP", "nothing", "claims", "short"):
            with self.subTest(how):
                self.run_ok(*self.command, "--force", env={"LD_PRELOAD": str(shim), "FAST_COPY": how})
                with small_session.edit(self.session) as file:
                    np.testing.assert_array_equal(file["raw"], np.random.default_rng(0).integers(0, 255, 3_000_000, np.uint8))
                    self.assertIn("rnn_output/regions", file)


class Interrupted(PublishTest):
    #: A disk that takes 20 MB/s, as the library that is loaded before others has it.
    SLOW = """
        #include <sys/syscall.h>
        #include <unistd.h>
        ssize_t pwrite64(int file, const void* bytes, size_t n, off64_t at) {
          ssize_t done = syscall(SYS_pwrite64, file, bytes, n, at);
          if (done > 100000) usleep((useconds_t)(done / 20));
          return done;
        }
        ssize_t pwrite(int file, const void* bytes, size_t n, off_t at) { return pwrite64(file, bytes, n, at); }
        """

    def pad(self, megabytes):
        with small_session.edit(self.session) as file:
            file["raw"] = np.ones(megabytes << 20, "u1")

    def start(self, *arguments, **env):
        process = subprocess.Popen([pipeline.BIN / "infer_write", *self.command[1:], *arguments], stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, **env})
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        processes.wait_until(process, lambda: list(self.session.glob(".session.h5.*.tmp")))
        return process

    def test_a_stop_is_noticed_within_a_second(self):
        self.pad(200)
        before = self.h5.stat()
        process = self.start(LD_PRELOAD=str(preload.build(self, "slow", self.SLOW)))
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        sent = time.monotonic()
        said = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 75, said)
        self.assertLess(time.monotonic() - sent, 2)
        self.assertEqual(self.h5.stat().st_mtime_ns, before.st_mtime_ns)
        self.assertFalse(list(self.session.glob(".*")), "leftovers")

    def test_what_a_killed_run_leaves_is_taken_away_by_the_next_one(self):
        self.pad(20)
        shim = str(preload.build(self, "slow", self.SLOW))
        self.run_ok(*self.command)
        for name in (*STAGES, "publish"):
            process = self.start("--force", LD_PRELOAD=shim)
            process.kill()
            process.wait()
            self.assertTrue(list(self.session.glob(".session.h5.*.tmp")))
            with self.subTest(name):
                if name == "publish":
                    self.run_ok(*self.command)
                elif name == "train_rnn":
                    self.run_ok(name, self.session, *small_session.flags(), "--force")
                    self.run_ok("infer_write", self.session, *small_session.flags())
                else:
                    self.run_ok(name, self.session, *small_session.flags())
                self.assertFalse(list(self.session.glob(".*")))

    def test_a_hidden_file_of_the_user_stays(self):
        theirs = [self.session / name for name in (".notes.backup.1.tmp", ".session.h5.backup.1.tmp", ".session.h5.tmp")]
        for path in theirs:
            path.write_text("precious")
            os.utime(path, (0, 0))
        for stage in STAGES[:2]:
            self.run_ok(stage, self.session, *small_session.flags(), "--force")
        self.assertEqual([path.read_text() for path in theirs], ["precious"] * 3)


class ADiskThatTakesNothingMore(PublishTest):
    """Writing, or writing to disk, fails at each call in turn: a full disk, a quota, a disk that fails."""
    SHIM = """
        #include <errno.h>
        #include <stdlib.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        static int count;
        static int fails(void) {
          if (count++ < atoi(getenv("FAIL_AFTER"))) return 0;
          errno = atoi(getenv("FAIL_WITH"));
          return 1;
        }
        ssize_t pwrite64(int file, const void* bytes, size_t n, off64_t at) {
          return fails() ? -1 : syscall(SYS_pwrite64, file, bytes, n, at);
        }
        ssize_t pwrite(int file, const void* bytes, size_t n, off_t at) { return pwrite64(file, bytes, n, at); }
        int sync_file_range(int file, off64_t at, off64_t n, unsigned how) {
          return fails() ? -1 : (int)syscall(SYS_sync_file_range, file, at, n, how);
        }
        /* That of the folder comes after the file is in its place. */
        int fsync(int file) {
          struct stat status;
          fstat(file, &status);
          return !S_ISDIR(status.st_mode) && fails() ? -1 : (int)syscall(SYS_fsync, file);
        }
        """

    def test_it_is_an_output_error(self):
        shim = preload.build(self, "fail", self.SHIM)
        for reason in (errno.EIO, errno.EDQUOT, errno.ENOSPC):
            for after in range(100):
                with self.subTest(errno.errorcode[reason], after=after):
                    before = self.h5.read_bytes()
                    done = run_stage(*self.command, "--force", env={"LD_PRELOAD": str(shim), "FAIL_AFTER": str(after),
                                                                    "FAIL_WITH": str(reason)})
                    self.assertNotIn("damaged", done.stderr)
                    self.assertFalse(list(self.session.rglob(".*")), "leftovers")
                    if done.returncode == 0:
                        break
                    self.assertEqual(done.returncode, 5, done.stderr)
                    self.assertIn(os.strerror(reason), done.stderr)
                    self.assertEqual(self.h5.read_bytes(), before)
            self.assertGreater(after, 2)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    pipeline.main()
