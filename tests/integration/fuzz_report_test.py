"""Which failures that a fuzzer reports are HDF5's own (tests/fuzz/inside_hdf5.py)."""
import subprocess
import unittest

import pipeline

HDF5 = "(/lib/x86_64-linux-gnu/libhdf5_openmpi.so.103+0x195bc7) (BuildId: 817a)"
OURS = "/src/lib/h5/dataset.cpp:101:3"
IN_HDF5 = f"""    #0 0x55eb in __interceptor_memcpy (/src/build/fuzz/bin/fuzz_session+0x164d53) (BuildId: 4424)
    #1 0x7fd7  {HDF5}
    #2 0x7fd8 in H5Dread {HDF5}
    #3 0x55ec in rnn_rates::h5::read_bytes(rnn_rates::h5::File const&) {OURS}
"""
IN_OURS = f"""    #0 0x55ec in rnn_rates::h5::read_bytes(rnn_rates::h5::File const&) {OURS}
    #1 0x7fd8 in H5Literate {HDF5}
"""
OF_HDF5 = f"""allocated by thread T0 here:
    #0 0x55d7 in malloc (/src/build/fuzz/bin/fuzz_session+0x1be92e) (BuildId: 2bbc)
    #1 0x7fd0  {HDF5}
"""
OF_OURS = f"""allocated by thread T0 here:
    #0 0x55d7 in operator new(unsigned long) (/src/build/fuzz/bin/fuzz_session+0x1be92e) (BuildId: 2bbc)
    #1 0x55ec in rnn_rates::h5::read_bytes(rnn_rates::h5::File const&) {OURS}
"""


ATTRIBUTE_LOOKUP = f"""    #0 0x55eb in strdup (/src/build/fuzz/bin/fuzz_session+0x1aa395) (BuildId: 4424)
    #1 0x7fd7 in H5O__attr_exists {HDF5}
    #2 0x7fd8 in H5Aexists_by_name {HDF5}
    #3 0x55ec in rnn_rates::h5::has_attribute(rnn_rates::h5::File const&) {OURS}
"""
OUT_OF_MEMORY = "==1== ERROR: libFuzzer: out-of-memory (used: 4360Mb; limit: 4096Mb)\n\nLive Heap Allocations: 4320020298 bytes\n"
TOO_LARGE = f"""==1== ERROR: libFuzzer: out-of-memory (malloc(17179869256))

    #0 0x562e in __sanitizer_print_stack_trace (/src/build/fuzz/bin/fuzz_session+0x1c9b01) (BuildId: 4424)
    #1 0x562e in fuzzer::MallocHook(void const volatile*, unsigned long) (/src/build/fuzz/bin/fuzz_session+0x120e7a)
    #2 0x562e in malloc (/src/build/fuzz/bin/fuzz_session+0x1bfa7d) (BuildId: 4424)
"""


def error(what, *parts):
    return f"==20797==ERROR: AddressSanitizer: {what} on address 0x6230 at pc 0x55eb\nREAD of size 32 at 0x6230 thread T0\n" + \
        "\n".join(parts)


class FuzzReport(unittest.TestCase):
    def is_hdf5s(self, report):
        script = pipeline.SOURCE / "tests/fuzz/inside_hdf5.py"
        return subprocess.run(["/usr/bin/python3", script], input=report, text=True).returncode == 0

    def test_crashes_of_hdf5_on_memory_of_its_own(self):
        for report in [error("SEGV", IN_HDF5), error("heap-buffer-overflow", IN_HDF5, OF_HDF5),
                       error("heap-buffer-overflow", ATTRIBUTE_LOOKUP, OF_OURS),
                       error("heap-buffer-overflow", IN_HDF5, OF_OURS.replace("allocated", "freed"), OF_OURS),
                       error("negative-size-param:", IN_HDF5), error("memcpy-param-overlap:", IN_HDF5),
                       error("heap-buffer-overflow", IN_HDF5, "Address 0x6230 is a wild pointer inside of access range."),
                       "==1== ERROR: libFuzzer: timeout after 32 seconds\n" + IN_HDF5,
                       "==1== ERROR: libFuzzer: timeout after 32 seconds\n    #0 0x7f in inflate (/lib/libz.so.1+0x1)\n" + IN_HDF5]:
            self.assertTrue(self.is_hdf5s(report), report)

    def test_memory_that_hdf5_asks_for(self):
        for report in [OUT_OF_MEMORY + "4294905744 byte(s) (99%) in 5 allocation(s)\n" + IN_HDF5 + "\n", TOO_LARGE + IN_HDF5]:
            self.assertTrue(self.is_hdf5s(report), report)
        for report in [OUT_OF_MEMORY + "4294905744 byte(s) (99%) in 5 allocation(s)\n" + IN_OURS + "\n", TOO_LARGE + IN_OURS,
                       OUT_OF_MEMORY + "20971840 byte(s) (43%) in 1 allocation(s)\n" + IN_HDF5 + "\n", OUT_OF_MEMORY]:
            self.assertFalse(self.is_hdf5s(report), report)

    def test_a_buffer_of_ours_that_hdf5_runs_over_is_ours(self):
        self.assertFalse(self.is_hdf5s(error("heap-buffer-overflow", IN_HDF5, OF_OURS)))
        self.assertFalse(self.is_hdf5s(error("heap-use-after-free", IN_HDF5, OF_HDF5.replace("allocated", "freed"), OF_OURS)))
        self.assertFalse(self.is_hdf5s(error("heap-use-after-free", ATTRIBUTE_LOOKUP, OF_OURS.replace("allocated", "freed"))))
        self.assertFalse(self.is_hdf5s(error("stack-buffer-overflow", IN_HDF5, "Address 0x6230 is located in stack of thread T0")))

    def test_whatever_goes_wrong_in_our_code_is_ours(self):
        for report in [error("SEGV", IN_OURS), error("heap-buffer-overflow", IN_OURS, OF_HDF5), error("stack-overflow", IN_HDF5),
                       "==1== ERROR: libFuzzer: timeout after 32 seconds\n" + IN_OURS,
                       "==1== ERROR: libFuzzer: timeout after 32 seconds\n    #0 0x7f  (/lib/libfmt.so.9+0x1)\n" + IN_OURS,
                       "==1== ERROR: libFuzzer: out-of-memory (used: 4200Mb; limit: 4096Mb)\n" + IN_HDF5,
                       f"{OURS}: runtime error: signed integer overflow\n" + IN_OURS,
                       "==1==ERROR: LeakSanitizer: detected memory leaks\n" + IN_HDF5, ""]:
            self.assertFalse(self.is_hdf5s(report), report)


if __name__ == "__main__":
    pipeline.main()
