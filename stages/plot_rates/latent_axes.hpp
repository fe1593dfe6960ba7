#pragma once

#include <span>

#include "inference/fit_rates.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot_rates {

/// Gives the conditions of a fit its latents along their principal axes over all its trials, at most four,
/// and the share of variance of each; nothing where a factor is not known or none varies.
void add_latent_axes(const inference::FitRates& fit, std::span<plot::TasteRates> tastes);

}  // namespace rnn_rates::plot_rates
