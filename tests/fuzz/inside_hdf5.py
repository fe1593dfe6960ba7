"""Tells whether what a fuzzer reports went wrong inside HDF5: exit code 0 if so. Reads the report from stdin.

A crash is HDF5's own where the innermost function, but for those of the sanitizer and of other libraries, is HDF5's, and the
memory that it ran over is none of ours: a read into a buffer of ours that is too small would be our mistake. A timeout is
HDF5's where it hit there, and memory where most of it, or the single piece that was too large, was asked for there.
"""
import re
import sys

FRAME = re.compile(r"^\s*#\d+ 0x[0-9a-f]+ +(?:in (?P<function>.*?) )?\(?(?P<place>/[^()]*)", re.MULTILINE)
OF_THE_TOOLS = re.compile(r"__interceptor_|__asan|__sanitizer|fuzzer::|operator (new|delete)")
#: A function of C inside the fuzzer's program: the sanitizer's in place of the C library's.
OF_C = re.compile(r"\w+$")
#: The C library, zlib and others, whoever called them.
OTHER_LIBRARY = re.compile(r"/lib(?!hdf5)[^/]*\.so")
#: What ends a process whoever's the memory is, and what may have happened to memory of ours.
BY_STACK = ("timeout", "SEGV", "BUS", "FPE", "negative-size-param", "memcpy-param-overlap")
BY_MEMORY = ("buffer-overflow", "use-after", "double-free", "bad-free")
#: Calls that give HDF5 no memory on the heap but a name.
WITHOUT_BUFFER = re.compile(r"H5(A(exists|open|get_type|get_space)|D(open|get_type|get_space|get_create|get_storage)"
                            r"|F(open|close|get_filesize)|Gopen|Idec_ref|L(exists|get_info|iterate)|O(exists|get_info))")
OF_THE_MEMORY = re.compile(r"^(?:previously )?(?:allocated|freed) by thread.*$", re.MULTILINE)
LARGEST = re.compile(r"^\d+ byte\(s\) \((?P<percent>\d+)%\) in .*$", re.MULTILINE)


def frames(stack):
    """(function, place) from the innermost frame that counts outwards."""
    found = [(frame["function"] or "", frame["place"]) for frame in FRAME.finditer(stack)]
    for i, (function, place) in enumerate(found):
        in_c = "/bin/fuzz_" in place and OF_C.match(function)
        if not (in_c or OF_THE_TOOLS.match(function) or OTHER_LIBRARY.search(place)):
            return found[i:]
    return []


def is_hdf5s(stack):
    found = frames(stack)
    return bool(found) and "libhdf5" in found[0][1]


def called(stack):
    """The function of HDF5 that our code called, of the innermost such call."""
    name = ""
    for function, place in frames(stack):
        if "libhdf5" not in place:
            break
        name = function
    return name


def is_none_of_ours(what, report, crash, memory):
    """Whether the memory that a crash inside HDF5 ran over, told by the stacks in `memory`, is none of ours."""
    if "is a wild pointer" in crash:
        return True
    if what == "heap-buffer-overflow":
        # Far off its own memory HDF5 meets some of ours by chance; none that was given back can be what it was given.
        if "freed by thread" in report or WITHOUT_BUFFER.match(called(crash)):
            return True
    return bool(memory) and all(map(is_hdf5s, memory))


def is_memory_of_hdf5(report):
    """Of a report that memory ran out."""
    if "(malloc(" in report.partition("\n")[0]:
        return is_hdf5s(report)
    largest = LARGEST.search(report)
    return bool(largest) and int(largest["percent"]) > 50 and is_hdf5s(report[largest.end():].partition("\n\n")[0])


def is_inside_hdf5(report):
    start = re.search(r"^==\d+== ?ERROR: (?:AddressSanitizer|libFuzzer): ([\w-]+)", report, re.MULTILINE)
    if not start:
        return False
    report = report[start.start():]
    if start[1] == "out-of-memory":
        return is_memory_of_hdf5(report)
    crash, *memory = OF_THE_MEMORY.split(report)
    if any(word in start[1] for word in BY_MEMORY):
        return is_hdf5s(crash) and is_none_of_ours(start[1], report, crash, memory)
    return start[1] in BY_STACK and is_hdf5s(crash)


if __name__ == "__main__":
    sys.exit(0 if is_inside_hdf5(sys.stdin.read()) else 1)
