"""Programs that have to refuse: the exit code, one line that says why, and all files as they were."""
import os

import pipeline
import small_session
from pipeline import STAGES

#: Takes root's right to write anywhere away, so that tests of access rights work for root too.
AS_USER = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"] if os.geteuid() == 0 else []


def listing(folder):
    """{path: size and time of change of a file, nothing of a folder} of all below a folder."""
    return {path: path.is_file() and (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*")}


class RefusalTest(pipeline.PipelineTest):
    def fails(self, code, words, stage, session, *arguments, prefix=(), **changes):
        """Runs one program, which must fail in one line, with all files as they were."""
        before = listing(self.folder)
        flags = small_session.flags(**changes)
        if "-c" in arguments:
            flags = flags[flags.index("-c") + 2:]
        done = self.run_fails(code, words, stage, session, *arguments, *flags, prefix=prefix)
        self.assertEqual(done.stdout, "")
        errors = [line for line in done.stderr.splitlines() if "error:" in line]
        self.assertEqual(len(errors), 1, done.stderr)
        self.assertEqual(listing(self.folder), before)

    def works(self, session, *arguments, stages=STAGES, **changes):
        return self.run_all(session, *arguments, *small_session.flags(**changes), stages=stages)
