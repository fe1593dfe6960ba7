#pragma once

#include <string>
#include <vector>

#include "rnn/fused/pass.hpp"

namespace rnn_rates::rnn::fused {

/// The builds of the kernel that this machine can run, best first; never empty where the engine runs at all.
std::vector<const Kernel*> usable_kernels();

/// The kernel for an instruction set ("x86-64-v2", "x86-64-v3", "x86-64-v4", "portable"), or the best one for
/// "". Throws Error(usage), naming the usable ones, for one that this machine or build does not have.
const Kernel& choose_kernel(const std::string& isa);

}  // namespace rnn_rates::rnn::fused
