#pragma once

#include <cstddef>
#include <cstdint>

#include "core/array.hpp"
#include "neural/pca.hpp"
#include "neural/scaler.hpp"

namespace rnn_rates::neural {

/// Undoes PCA and scaling: spike counts per bin (trial, unit, bin) from components `outputs` (bin, trial,
/// component) as the network answers them. Nothing keeps the counts above 0, as in the Python program.
Array<double, 3> counts_from_outputs(const Array<float, 3>& outputs, const Pca& pca, const Scaler& scaler);

/// Firing rates in Hz, counts * 1000 / bin_ms; same shape.
template <class Count>
Array<float, 3> rate_hz(const Array<Count, 3>& counts, double bin_ms) {
  Array<float, 3> rates(counts.shape());
  const double per_count = 1000.0 / bin_ms;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    rates.values()[i] = static_cast<float>(static_cast<double>(counts.values()[i]) * per_count);
  }
  return rates;
}

}  // namespace rnn_rates::neural
