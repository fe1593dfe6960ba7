#pragma once

#include <vector>

#include "artifact/bins_file.hpp"
#include "artifact/rates_file.hpp"

namespace rnn_rates::infer_write {

/// How good the rates are: per fit, bits per spike on trained and held-out trials; where the true rates are
/// known, for the whole session, the R2 of the RNN's rates and of simpler estimates over the same bins.
std::vector<artifact::Metric> score(const artifact::SessionBins& bins,
                                    const std::vector<artifact::FitRates>& fits);

}  // namespace rnn_rates::infer_write
