#pragma once

#include <string>
#include <vector>

#include "artifact/artifact.hpp"
#include "artifact/bins_file.hpp"
#include "artifact/model_file.hpp"
#include "artifact/rates_file.hpp"
#include "run/stage.hpp"

namespace rnn_rates::plot_rates {

/// A trained network and the fit that it belongs to.
struct Model {
  std::string fit;
  artifact::Opened file;
};

struct Inputs {
  artifact::Opened bins;
  artifact::Opened rates;
  std::vector<inference::FitRates> fits;  ///< read only to be drawn
  std::vector<Model> models;              ///< in the order of the fits, of each one or one a fold
};

/// Throws Error(input) where a file is missing or was not made from the others.
Inputs open_inputs(const run::SessionFolder& session);

/// Digest of all that decides what is drawn.
std::string depends_digest(const run::Context& context, const Inputs& inputs);

}  // namespace rnn_rates::plot_rates
