#include "rnn/fused/choose_kernel.hpp"

#include <fmt/ranges.h>

#include "core/error.hpp"

namespace rnn_rates::rnn::fused {

#if defined(__x86_64__)
extern const Kernel kernel_v2, kernel_v3, kernel_v4;
#else
extern const Kernel kernel_portable;
#endif

std::vector<const Kernel*> usable_kernels() {
  std::vector<const Kernel*> usable;
#if defined(__x86_64__)
  // The features that the levels of the x86-64 psABI name and that the kernel's code can come to use.
  const bool v2 = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
  const bool v3 = v2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                  __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  if (v4) usable.push_back(&kernel_v4);
  if (v3) usable.push_back(&kernel_v3);
  if (v2) usable.push_back(&kernel_v2);
#else
  usable.push_back(&kernel_portable);
#endif
  return usable;
}

const Kernel& choose_kernel(const std::string& isa) {
  std::vector<std::string> names;
  for (const Kernel* kernel : usable_kernels()) {
    if (isa.empty() || isa == kernel->isa) return *kernel;
    names.emplace_back(kernel->isa);
  }
  throw Error(ErrorKind::usage, "the fused engine cannot run on instruction set '{}' here; it can on: {}",
              isa.empty() ? "of this machine" : isa, fmt::join(names, ", "));
}

}  // namespace rnn_rates::rnn::fused
