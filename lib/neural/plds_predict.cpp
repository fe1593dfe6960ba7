#include <algorithm>

#include "core/stop_token.hpp"
#include "neural/plds.hpp"

namespace rnn_rates::neural {

using Eigen::Index;
using Eigen::MatrixXd;

Array<float, 3> plds_counts(const Plds& model, const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                            std::span<const std::uint32_t> trials, const Array<double, 2>& log_gain,
                            const std::stop_token& stop) {
  constexpr int newton_steps = 30;
  const std::size_t bins = counts.extent(2);
  Array<float, 3> expected({trials.size(), model.units.size(), bins});
  if (model.units.empty()) return expected;
  for (std::size_t row = 0; row < trials.size();) {
    end_if_stopped(stop);
    const PldsBatch batch = make_batch(counts, hidden, log_gain, batch_at(trials, row), model.units);
    const MatrixXd start = MatrixXd::Zero(batch.counts.rows(), model.loadings.cols());
    const MatrixXd of_batch =
        plds_expected_counts(model, batch, plds_posterior(model, batch, start, newton_steps));
    for (std::size_t lane = 0; lane < batch.trials.size(); ++lane, ++row) {
      for (std::size_t u = 0; u < model.units.size(); ++u) {
        for (std::size_t bin = 0; bin < bins; ++bin) {
          expected(row, u, bin) = static_cast<float>(
              of_batch(static_cast<Index>(bin) * lanes + static_cast<Index>(lane), static_cast<Index>(u)));
        }
      }
    }
  }
  return expected;
}

Array<float, 3> predict_plds(const PldsFolds& folds, const Array<std::uint16_t, 3>& counts,
                             const Hidden& hidden, double bin_ms, const std::stop_token& stop) {
  const std::size_t bins = counts.extent(2);
  const std::vector<double> unit_mean_hz = mean_kept_rate_hz(counts, hidden, bin_ms);
  Array<float, 3> rates_hz(counts.shape());
  for (std::size_t i = 0; i < rates_hz.size(); ++i)
    rates_hz.values()[i] = static_cast<float>(unit_mean_hz[i / bins % counts.extent(1)]);
  const auto hz = static_cast<float>(1000.0 / bin_ms);
  for (std::size_t fold = 0; fold < folds.models.size(); ++fold) {
    const Plds& model = folds.models[fold];
    const std::vector<std::uint32_t> trials = split_of_fold(folds.folds, fold).test_trials;
    const Array<float, 3> expected = plds_counts(model, counts, hidden, trials, {}, stop);
    for (std::size_t row = 0; row < trials.size(); ++row) {
      for (std::size_t u = 0; u < model.units.size(); ++u) {
        std::transform(&expected(row, u, 0), &expected(row, u, 0) + bins,
                       &rates_hz(trials[row], model.units[u], 0), [&](float count) { return hz * count; });
      }
    }
  }
  return rates_hz;
}

}  // namespace rnn_rates::neural
