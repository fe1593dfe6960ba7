#pragma once

#include <optional>
#include <string>
#include <vector>

#include "artifact/artifact.hpp"
#include "artifact/bins_file.hpp"
#include "artifact/model_file.hpp"
#include "artifact/rates_file.hpp"
#include "artifact/spikes_file.hpp"
#include "plot/figures.hpp"
#include "plot/region_rates.hpp"
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

/// What the figures of each region show, regions in the order of the fits: counts, spikes (evenly in their
/// bins without `spikes`), boxcar rates, inferred rates and, where known, true rates, trials apart by taste.
std::vector<plot::RegionRates> gather_regions(const std::string& session, const artifact::SessionBins& bins,
                                              const std::optional<artifact::WindowSpikes>& spikes,
                                              const std::vector<inference::FitRates>& fits,
                                              const std::string& condition_word);

/// "unit 003".
std::string unit_name(std::uint32_t unit);

/// "region gc, sucrose" of a fit; of one over all conditions they are called `condition_word`.
std::string fit_title(const inference::FitRates& fit, const artifact::SessionBins& bins,
                      const std::string& condition_word);

/// One a model, in their order.
std::vector<plot::FitLosses> gather_losses(const std::string& session, const artifact::SessionBins& bins,
                                           const Inputs& inputs, const std::string& condition_word);

/// Of the fits that have one.
std::vector<plot::FitCalibration> gather_calibrations(const artifact::SessionBins& bins,
                                                      const std::vector<inference::FitRates>& fits,
                                                      const std::string& condition_word);

/// What the networks were given, by fit; none where there is no pca.h5 that the rates
/// were made from.
std::vector<plot::FitInputs> gather_inputs(const run::SessionFolder& session,
                                           const artifact::SessionBins& bins, const Inputs& inputs,
                                           const std::string& condition_word);

}  // namespace rnn_rates::plot_rates
