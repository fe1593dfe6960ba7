#pragma once

#include <string>
#include <vector>

#include "artifact/bins_file.hpp"
#include "artifact/model_file.hpp"
#include "artifact/rates_file.hpp"
#include "plot/losses.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot_rates {

/// What the figures of each region show, regions in the order of the fits: counts, boxcar rates, inferred
/// rates and, where known, true rates, trials apart by taste.
std::vector<plot::RegionRates> gather_regions(const std::string& session, const artifact::SessionBins& bins,
                                              const std::vector<artifact::FitRates>& fits);

plot::FitLosses gather_losses(const std::string& session, const std::string& fit,
                              const artifact::FitModel& model);

}  // namespace rnn_rates::plot_rates
