#include "infer_write/held_out.hpp"

#include <cmath>

#include "core/stop.hpp"
#include "infer_write/infer_fit.hpp"
#include "neural/fits.hpp"
#include "neural/split.hpp"

namespace rnn_rates::infer_write {
namespace {

std::vector<std::uint32_t> unseen_trials(const artifact::FitScores& fit, std::size_t fold) {
  if (fit.trial_fold.empty()) return neural::all_indices(fit.trial_taste.size());
  return neural::split_of_fold(fit.trial_fold, static_cast<std::uint32_t>(fold)).test_trials;
}

}  // namespace

Array<float, 3> predict_hidden(const artifact::SessionBins& bins, const artifact::FitScores& fit,
                               const std::vector<artifact::FitModel>& models, const std::string& weights,
                               const Array<std::uint8_t, 3>& hidden) {
  const auto hz = static_cast<float>(1000.0 / bins.bin_ms());
  Array<float, 3> rates(hidden.shape());
  for (std::size_t fold = 0; fold < models.size(); ++fold) {
    end_if_stop_requested();
    GruNetwork network = gru_network(bins, fit, models[fold], weights);
    const std::vector<std::uint32_t> trials = unseen_trials(fit, fold);
    network.data.counts = neural::trials_of(network.data.counts, trials);
    network.data.context = neural::trials_of(network.data.context, trials);
    const Array<float, 3> log_rates =
        gru_log_rates(network, fit, neural::trials_of(hidden, trials), models[fold].mask->probability);
    for (std::size_t i = 0; i < trials.size(); ++i) {
      for (std::size_t unit = 0; unit < hidden.extent(1); ++unit) {
        for (std::size_t bin = 0; bin < hidden.extent(2); ++bin) {
          if (fit.bin_fold.empty() || fit.bin_fold[bin] == fold)
            rates(trials[i], unit, bin) = std::exp(log_rates(bin, i, unit)) * hz;
        }
      }
    }
  }
  return rates;
}

}  // namespace rnn_rates::infer_write
