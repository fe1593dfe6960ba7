#include "inference/held_out_grus.hpp"

#include <cmath>

#include "core/stop_token.hpp"

namespace rnn_rates::inference {

HeldOutGrus::HeldOutGrus(const FitData& data, const MaskedGrus& networks, std::stop_token stop)
    : data_(data), stop_(std::move(stop)) {
  for (std::size_t fold = 0; fold < networks.folds.size(); ++fold) {
    const MaskedGru& network = networks.folds[fold];
    std::vector<std::uint32_t> trials = data.folds_over_trials()
                                            ? neural::split_of_fold(data.fit.folds, fold).test_trials
                                            : neural::all_indices(data.counts.extent(0));
    neural::Chops chops = data.chops(trials, data.counts.extent(2));
    rnn::CountData reads{.counts = neural::cut(data.counts, chops),
                         .context = neural::cut(networks.context, chops),
                         .mean = network.mean,
                         .scale = network.scale,
                         .observed = neural::cut_observed(data.observed, chops)};
    folds_.push_back({&network, std::move(trials), std::move(chops), std::move(reads)});
  }
}

rnn::GruOutput HeldOutGrus::outputs(std::size_t fold, const neural::Hidden& hidden) const {
  const Fold& of = folds_[fold];
  const std::size_t trials = of.trials.size(), bins = data_.counts.extent(2);
  const rnn::GruOutput of_chops = rnn::gru_forward(
      of.network->shape, of.network->weights,
      rnn::gru_inputs(of.reads, neural::cut(hidden, of.chops), rnn::scored_mask.probability));
  const neural::Chops chops = data_.chops(neural::all_indices(trials), bins);
  return {neural::merge(of_chops.log_rates, chops, trials, bins),
          neural::merge(of_chops.factors, chops, trials, bins)};
}

Array<float, 3> HeldOutGrus::operator()(const neural::Hidden& hidden) const {
  const auto hz = static_cast<float>(1000.0 / data_.bin_ms());
  const auto [all_trials, units, bins] = data_.counts.shape();
  const neural::Folds& folds = data_.fit.folds;
  Array<float, 3> rates(data_.counts.shape());
  for (std::size_t fold = 0; fold < folds_.size(); ++fold) {
    end_if_stopped(stop_);
    const std::vector<std::uint32_t>& trials = folds_[fold].trials;
    const Array<float, 3> log_rates = outputs(fold, hidden).log_rates;
    for (std::size_t i = 0; i < trials.size(); ++i) {
      for (std::size_t unit = 0; unit < units; ++unit) {
        for (std::size_t bin = 0; bin < bins; ++bin) {
          if (folds.empty() || folds.of(trials[i], bin) == fold)
            rates(trials[i], unit, bin) = std::exp(log_rates(bin, i, unit)) * hz;
        }
      }
    }
  }
  return rates;
}

}  // namespace rnn_rates::inference
