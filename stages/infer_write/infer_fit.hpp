#pragma once

#include <string>
#include <vector>

#include "artifact/bins_file.hpp"
#include "artifact/model_file.hpp"
#include "artifact/pca_file.hpp"
#include "artifact/rates_file.hpp"
#include "rnn/gru_network.hpp"
#include "rnn/masked_counts.hpp"

namespace rnn_rates::infer_write {

/// Rates and latent factors of one fit from its networks (one, or one a fold) and their "last" or "best"
/// weights. Throws Error(input) where a model does not fit the data.
artifact::FitRates infer_fit(const artifact::SessionBins& bins, const artifact::SessionScores& session,
                             const artifact::FitScores& fit, const std::vector<artifact::FitModel>& models,
                             const std::string& weights);

/// A trained masked GRU, ready to run.
struct GruNetwork {
  rnn::GruShape shape;
  std::vector<float> weights;
  rnn::CountData data;  ///< all trials of the fit, scaled as in training
};
GruNetwork gru_network(const artifact::SessionBins& bins, const artifact::FitScores& fit,
                       const artifact::FitModel& model, const std::string& weights);

/// Log of spikes per bin (bin, trial, unit) of the network's trials, read in the fit's chops and merged.
/// `hidden` and `probability` as for rnn::gru_inputs.
Array<float, 3> gru_log_rates(const GruNetwork& network, const artifact::FitScores& fit,
                              const Array<std::uint8_t, 3>& hidden, double probability);

}  // namespace rnn_rates::infer_write
