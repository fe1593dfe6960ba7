#pragma once

#include <vector>

#include "artifact/bins_file.hpp"
#include "artifact/model_file.hpp"
#include "artifact/pca_file.hpp"
#include "artifact/rates_file.hpp"
#include "config/config.hpp"
#include "infer_write/progress.hpp"

namespace rnn_rates::infer_write {

/// Bits per spike of spikes that a method did not see, against each unit's mean rate, best method first: the
/// network, the combination, and with infer.baselines the Gaussian kernel, the boxcar of 250 ms, BAKS, the
/// trial average and GPFA on the same spikes. With the masked GRU every (trial, unit, bin) is predicted while
/// its block of mask.block_bins is hidden, by the network of the fold that did not see the trial, and once
/// more for co-smoothing while its unit is hidden in the whole trial. The autoencoder, which predicts ahead,
/// is scored on its held-out trials. No methods where no trial was held out.
///
/// With infer.combine, and folds of a masked GRU, `rates`, which hold what the network inferred, become the
/// combination of `combined_methods`. The weights under which a trial is scored come from the other folds'.
///
/// Goes on with `progress`, empty to begin with, which has what there is so far where Error(stopped) is
/// thrown.
artifact::ScoreTable evaluate(const artifact::SessionBins& bins, const artifact::FitScores& fit,
                              const std::vector<artifact::FitModel>& models, const config::Config& config,
                              std::size_t threads, FitProgress& progress, artifact::FitRates& rates);

}  // namespace rnn_rates::infer_write
