#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/array.hpp"
#include "h5/file.hpp"
#include "infer_write/combine.hpp"
#include "neural/gpfa.hpp"
#include "neural/hidden.hpp"

namespace rnn_rates::infer_write {

/// What one method has predicted so far.
struct MethodProgress {
  neural::HeldOutRates blocks;  ///< blocks of bins hidden
  neural::HeldOutRates units;   ///< whole units of a trial hidden
  Array<float, 3> rate_hz;      ///< (trial, unit, bin) nothing hidden; empty until then
};

/// What evaluate() has of one fit so far. Going on from it gives what an uninterrupted run gives, bit for
/// bit.
struct FitProgress {
  std::map<std::string, MethodProgress> methods;
  std::vector<neural::GpfaFit> gpfa;
  Combination combination;  ///< stacks without weights are still to come

  bool empty() const { return methods.empty(); }
};

/// What rates_<fit>.ckpt.h5 holds.
void write_progress(h5::File& file, const FitProgress& progress);
/// Throws Error(input).
FitProgress read_progress(const h5::File& file);

}  // namespace rnn_rates::infer_write
