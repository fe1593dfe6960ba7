#pragma once

#include "artifact/model_file.hpp"
#include "artifact/pca_file.hpp"
#include "artifact/rates_file.hpp"

namespace rnn_rates::infer_write {

/// Rates of one fit from its network without dropout: outputs back through PCA and scaling to counts and Hz.
/// `weights` are "last" or "best". Throws Error(input) where the model does not fit the scores.
artifact::FitRates infer_fit(const artifact::SessionScores& session, const artifact::FitScores& fit,
                             const artifact::FitModel& model, const std::string& weights);

}  // namespace rnn_rates::infer_write
