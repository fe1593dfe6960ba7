#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "artifact/bins_file.hpp"
#include "artifact/model_file.hpp"
#include "artifact/pca_file.hpp"

namespace rnn_rates::infer_write {

/// Rates (trial, unit, bin) in Hz while the entries marked in `hidden` (trial, unit, bin) are hidden, each
/// trial by the network that did not see it; by the only one where there are no folds. `models` are masked
/// GRUs.
Array<float, 3> predict_hidden(const artifact::SessionBins& bins, const artifact::FitScores& fit,
                               const std::vector<artifact::FitModel>& models, const std::string& weights,
                               const Array<std::uint8_t, 3>& hidden);

}  // namespace rnn_rates::infer_write
