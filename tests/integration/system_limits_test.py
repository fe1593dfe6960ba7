"""Limits of the system in every stage: one code and one message that names the limit, never a word of damage, nothing left behind."""
import os
import resource
import shutil
import subprocess
import unittest

import pipeline
import preload
import small_session
import trained_session
from pipeline import STAGES

COMMANDS = {stage: [stage, "session", "--force"] for stage in STAGES} | {
    "publish": ["infer_write", "session", "--publish", "--force"], "nwb": ["infer_write", "session", "--nwb", "--force"],
    "simulate": ["extract_bins", "--simulate", "simulated"]}


#: A quota of bytes for what a process writes into files of one file system; gnuplot's pictures count by themselves.
QUOTA = """
    #include <errno.h>
    #include <stdlib.h>
    #include <sys/stat.h>
    #include <sys/syscall.h>
    #include <sys/uio.h>
    #include <unistd.h>
    static long left = -1;
    static int exceeds(int file, long size) {
      struct stat status;
      if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || (long)status.st_dev != atol(getenv("QUOTA_DEVICE"))) return 0;
      if (left < 0) left = atol(getenv("QUOTA_BYTES"));
      if (size <= left) {
        left -= size;
        return 0;
      }
      errno = EDQUOT;
      return 1;
    }
    ssize_t write(int file, const void* bytes, size_t n) { return exceeds(file, n) ? -1 : syscall(SYS_write, file, bytes, n); }
    ssize_t pwrite64(int file, const void* bytes, size_t n, off64_t at) {
      return exceeds(file, n) ? -1 : syscall(SYS_pwrite64, file, bytes, n, at);
    }
    ssize_t pwrite(int file, const void* bytes, size_t n, off_t at) { return pwrite64(file, bytes, n, at); }
    ssize_t writev(int file, const struct iovec* parts, int count) {
      long size = 0;
      for (int i = 0; i < count; ++i) size += parts[i].iov_len;
      return exceeds(file, size) ? -1 : syscall(SYS_writev, file, parts, count);
    }
    ssize_t copy_file_range(int from, off64_t* at, int to, off64_t* to_at, size_t n, unsigned flags) {
      return exceeds(to, n) ? -1 : syscall(SYS_copy_file_range, from, at, to, to_at, n, flags);
    }
    """


class Limits(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        if "ASAN_OPTIONS" in os.environ:
            self.skipTest("the sanitizers themselves need what is limited here")

    def run_each(self, surroundings, code, words, prefix=()):
        """Runs each command under each of these words of a shell: it works, or ends with `code` and says `words`."""
        met = set()
        for name, command in COMMANDS.items():
            for words_of_shell in surroundings:
                with self.subTest(name, under=words_of_shell):
                    session = trained_session.copy(self.folder)
                    recording = small_session.h5_of(session).read_bytes()
                    subprocess.run(["chmod", "-R", "a+rwX", self.folder], check=True)
                    done = self.run_under(words_of_shell, command, prefix)
                    if done.returncode != 0:
                        met.add(name)
                        self.assertEqual(done.returncode, code, done.stderr)
                        self.assertRegex(done.stderr, words)
                        for line in filter(lambda line: "error:" in line, done.stderr.splitlines()):
                            self.assertNotRegex(line, "damaged|--force|report it|not a whole")
                        self.assertEqual(small_session.h5_of(session).read_bytes(), recording)
                        self.assertFalse((self.folder / "simulated").exists())
                    self.assertEqual(list(self.folder.rglob(".*")), [])
                shutil.rmtree(self.folder / "session", ignore_errors=True)
                shutil.rmtree(self.folder / "simulated", ignore_errors=True)
        return met

    def run_under(self, words_of_shell, command, prefix=()):
        stage, *arguments = command
        return pipeline.run_stage(stage, *arguments, *small_session.flags(), prefix=[
            *prefix, "bash", "-c", f'cd "{self.folder}" && ulimit -c 0 && {words_of_shell} && exec "$@"', "-"])

    def test_open_files(self):
        met = self.run_each([f"ulimit -n {files}" for files in (4, 5, 6, 7, 8, 9, 11)], 7, "[Tt]oo many open files")
        self.assertEqual(met, set(COMMANDS))

    def test_size_of_files(self):
        met = self.run_each([f"ulimit -f {blocks}" for blocks in (0, 1, 20)], 5, "File too large|ulimit -f")
        self.assertEqual(met, set(COMMANDS))

    def test_quota_of_the_disk(self):
        shim = preload.build(self, "quota", QUOTA)
        device = self.folder.stat().st_dev
        met = self.run_each([f"export QUOTA_BYTES={size} QUOTA_DEVICE={device} LD_PRELOAD={shim}" for size in (0, 3000, 30_000)], 5,
                            "Disk quota exceeded|was not written whole")
        self.assertEqual(met, set(COMMANDS))

    def test_processes_and_threads(self):
        if os.geteuid() != 0:
            raise unittest.SkipTest("the limit counts all processes of a user: it takes root to be a user without any")
        user = ["setpriv", "--reuid=2007", "--regid=2007", "--clear-groups"]
        commands = COMMANDS.pop("publish")  # Of a recording that is another user's.
        self.addCleanup(COMMANDS.update, publish=commands)
        met = self.run_each([f"ulimit -u {count}" for count in (1, 2, 3)], 7, "no more threads or processes", user)
        self.assertEqual(met, set(COMMANDS))

    def test_memory(self):
        met = self.run_each([f"ulimit -v {kilobytes}" for kilobytes in (40_000, 50_000, 60_000, 80_000)], 7,
                            "not enough memory|no more threads or processes")
        self.assertEqual(met, set(COMMANDS))

    def test_the_limit_of_open_files_is_raised_where_it_may_be(self):
        if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 100:
            self.skipTest("few open files are allowed here")
        trained_session.copy(self.folder)
        for stage in STAGES:
            self.assertEqual(self.run_under("ulimit -Sn 5", COMMANDS[stage]).returncode, 0)

    def test_streams_that_are_closed_or_take_nothing(self):
        for name, command in COMMANDS.items():
            for streams in ("exec >&-", "exec 2>&-", "exec <&- >&- 2>&-", "exec 2>/dev/full"):
                with self.subTest(name, streams=streams):
                    session = trained_session.copy(self.folder)
                    self.assertEqual(self.run_under(streams, command).returncode, 0)
                    self.assertEqual(list(self.folder.rglob(".*")), [])
                shutil.rmtree(session)


if __name__ == "__main__":
    pipeline.main()
