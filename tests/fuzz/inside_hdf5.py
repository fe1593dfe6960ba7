"""Tells whether what a fuzzer reports went wrong inside HDF5: exit code 0 if so. Reads the report from stdin.

A crash is HDF5's own where the innermost function, but for the sanitizer's and the C library's, is HDF5's, and so is the
memory that it ran over: a read into a buffer of ours that is too small would be our mistake. A timeout is HDF5's where
it hit there.
"""
import re
import sys

FRAME = re.compile(r"^\s*#\d+ 0x[0-9a-f]+ +(?:in (?P<function>.*?) )?\(?(?P<place>/[^()]*)", re.MULTILINE)
OF_THE_TOOLS = re.compile(r"__interceptor_|__asan|__sanitizer|fuzzer::|(malloc|calloc|realloc|free)$|operator (new|delete)")
OF_THE_SYSTEM = re.compile(r"/libc\.so|/libm\.so|/libasan")
#: What ends a process whoever's the memory is, and what may have happened to memory of ours.
BY_STACK = ("timeout", "SEGV", "BUS", "FPE", "negative-size-param", "memcpy-param-overlap")
BY_MEMORY = ("buffer-overflow", "use-after", "double-free", "bad-free")


def innermost(stack):
    """The library or file of the innermost frame that counts; "" without one."""
    for frame in FRAME.finditer(stack):
        if OF_THE_TOOLS.match(frame["function"] or "") or OF_THE_SYSTEM.search(frame["place"]):
            continue
        return frame["place"]
    return ""


def is_inside_hdf5(report):
    start = re.search(r"^==\d+== ?ERROR: (?:AddressSanitizer|libFuzzer): ([\w-]+)", report, re.MULTILINE)
    if not start:
        return False
    crash, *memory = re.split(r"^(?:previously )?(?:allocated|freed) by thread.*$", report[start.start():],
                              flags=re.MULTILINE)
    if any(word in start[1] for word in BY_MEMORY):
        # A wild pointer is nobody's memory.
        known = memory or "is a wild pointer" in crash
        return bool(known) and all("libhdf5" in innermost(stack) for stack in [crash, *memory])
    return start[1] in BY_STACK and "libhdf5" in innermost(crash)


if __name__ == "__main__":
    sys.exit(0 if is_inside_hdf5(sys.stdin.read()) else 1)
