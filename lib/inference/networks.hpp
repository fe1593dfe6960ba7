#pragma once

#include <stop_token>
#include <variant>
#include <vector>

#include "core/array.hpp"
#include "core/choices.hpp"
#include "inference/fit_data.hpp"
#include "inference/fit_model.hpp"
#include "inference/fit_rates.hpp"
#include "rnn/autoencoder_network.hpp"
#include "rnn/gru_network.hpp"

namespace rnn_rates::inference {

/// A trained autoencoder with what it reads: principal components in, those some bins later out.
struct Autoencoder {
  rnn::AutoencoderShape shape;
  std::vector<float> weights;
  std::size_t forecast_bins;
  Array<float, 3> inputs;  ///< (bin, trial, input): components, then the context inputs
};

/// A trained masked GRU.
struct MaskedGru {
  rnn::GruShape shape;
  std::vector<float> weights;
  std::vector<float> mean, scale;  ///< (unit) it sees (count - mean) / scale
};

/// The masked GRUs of a fit, one per fold, with what they read beside the counts.
struct MaskedGrus {
  std::vector<MaskedGru> folds;
  Array<float, 3> context;  ///< (trial, context input, bin)
};

/// The networks of a fit.
using Networks = std::variant<Autoencoder, MaskedGrus>;

/// From the trained models of the fit, one or one per fold. Throws Error(input) where one does not fit the
/// data.
Networks make_networks(const FitData& data, const std::vector<FitModel>& models, Weights weights);

/// Rates and latent factors by the networks. Throws Error(stopped) between them once `stop` is requested.
FitRates network_rates(const FitData& data, const Networks& networks, const std::stop_token& stop = {});

}  // namespace rnn_rates::inference
