#include "neural/response_variance.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/stop_token.hpp"
#include "neural/deciles.hpp"

namespace rnn_rates::neural {
namespace {

constexpr double floor_hz = 0.1;
/// So many spikes with the response of all deciles are added to those of each.
constexpr double lent_spikes = 50.0;
/// Counted over foretold covariance of errors where, on simulated sessions, intervals cover true rates.
constexpr double usual_ratio = 1.5;
/// The longest lag at which covariances of errors are compared, in bins.
constexpr std::size_t most_lag = 5;

constexpr auto reach = static_cast<std::ptrdiff_t>(Response::reach);
constexpr int lags = 2 * reach + 1;
using Lags = Eigen::Matrix<double, lags, 1>;

/// Least squares of changes of log rates on surprises at all lags.
struct Regression {
  Eigen::Matrix<double, lags, lags> squares = Eigen::Matrix<double, lags, lags>::Zero();
  Lags products = Lags::Zero();
  double spikes = 0.0;

  void add(const Lags& surprises, double change, double count) {
    squares.selfadjointView<Eigen::Lower>().rankUpdate(surprises);
    products += change * surprises;
    spikes += count;
  }
  void add(const Regression& other) {
    squares += other.squares;
    products += other.products;
    spikes += other.spikes;
  }
  Lags responses() const {
    Eigen::Matrix<double, lags, lags> system = squares.selfadjointView<Eigen::Lower>();
    system.diagonal().array() += 1e-9 * (1.0 + system.diagonal().maxCoeff());
    return system.ldlt().solve(products);
  }
  /// To a spike in the same bin, 0 at least.
  double response() const { return std::max(0.0, responses()[reach]); }
};

/// One unit in one trial.
struct Row {
  std::vector<double> counts, shown, hidden;  ///< (bin) per bin; the rates at least at the floor
  std::vector<bool> observed;                 ///< (bin)
  std::vector<std::size_t> block;             ///< (bin) number of its block

  Row(const ShownBlocks& blocks, std::size_t first, std::size_t bins)
      : counts(bins), shown(bins), hidden(bins), observed(bins), block(bins) {
    const auto per_bin = [&](float hz) { return std::max(double{hz}, floor_hz) * blocks.bin_ms / 1000.0; };
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const std::size_t at = first + bin;
      counts[bin] = blocks.counts.values()[at];
      shown[bin] = per_bin(blocks.rate_hz.values()[at]);
      hidden[bin] = per_bin(blocks.hidden_hz.values()[at]);
      observed[bin] = is_observed(blocks.observed, at);
      if (bin > 0)
        block[bin] = block[bin - 1] + (blocks.parts.values()[at] == blocks.parts.values()[at - 1] ? 0 : 1);
    }
  }

  double change(std::size_t bin) const { return std::log(shown[bin] / hidden[bin]); }
  /// Counts less hidden counts of the observed bins around `bin` that lie in its block; 0 elsewhere.
  Lags surprises_around(std::size_t bin) const {
    Lags around = Lags::Zero();
    const std::size_t first = bin - std::min(bin, Response::reach),
                      last = std::min(bin + Response::reach, block.size() - 1);
    for (std::size_t at = first; at <= last; ++at) {
      if (block[at] == block[bin] && observed[at])
        around[static_cast<std::ptrdiff_t>(at) - static_cast<std::ptrdiff_t>(bin) + reach] =
            counts[at] - hidden[at];
    }
    return around;
  }
};

/// (decile) response to a spike, with what the others lend.
std::array<double, deciles> variances(const std::array<Regression, deciles>& regressions, double common) {
  std::array<double, deciles> result{};
  for (std::size_t decile = 0; decile < deciles; ++decile) {
    const Regression& own = regressions[decile];
    result[decile] = (own.spikes * own.response() + lent_spikes * common) / (own.spikes + lent_spikes);
  }
  return result;
}

}  // namespace

Response response_to_spikes(const ShownBlocks& blocks, const std::stop_token& stop) {
  const Array<std::uint16_t, 3>& counts = blocks.counts;
  const std::size_t bins = counts.extent(2), per_trial = counts.extent(1) * bins;
  const Array<std::uint8_t, 3> decile_of = deciles_of(blocks.hidden_hz, blocks.observed);
  std::array<Regression, deciles> regressions;
  for (std::size_t first = 0; first < counts.size(); first += bins) {
    if (first % per_trial == 0) end_if_stopped(stop);
    const Row row(blocks, first, bins);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      if (row.observed[bin])
        regressions[decile_of.values()[first + bin]].add(row.surprises_around(bin), row.change(bin),
                                                         row.counts[bin]);
    }
  }
  Regression all;
  for (const Regression& regression : regressions) all.add(regression);
  const Lags common = all.responses();
  Response response{Array<float, 3>(counts.shape()), {1.0}};
  for (std::ptrdiff_t lag = 1; lag <= reach; ++lag) {
    const double both = (common[reach + lag] + common[reach - lag]) / 2.0;
    response.correlation[static_cast<std::size_t>(lag)] =
        common[reach] > 0.0 ? std::clamp(both / common[reach], 0.0, 1.0) : 0.0;
  }
  const std::array<double, deciles> variance = variances(regressions, all.response());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (decile_of.values()[i] != no_decile)
      response.variance.values()[i] = static_cast<float>(variance[decile_of.values()[i]]);
  }
  return response;
}

double growth_of_variance(const ShownBlocks& blocks, const Array<float, 3>& variance,
                          const std::array<double, Response::reach + 1>& correlation,
                          const std::stop_token& stop) {
  const std::size_t bins = blocks.counts.extent(2), per_trial = blocks.counts.extent(1) * bins;
  double missed = 0.0, foretold = 0.0;
  for (std::size_t first = 0; first < blocks.counts.size(); first += bins) {
    if (first % per_trial == 0) end_if_stopped(stop);
    const Row row(blocks, first, bins);
    const auto error = [&](std::size_t bin) {
      return row.shown[bin] * std::sqrt(double{variance.values()[first + bin]});
    };
    for (std::size_t a = 0; a < bins; ++a) {
      for (std::size_t b = a + 1; b < bins && b <= a + most_lag && row.block[a] == row.block[b]; ++b) {
        if (!row.observed[a] || !row.observed[b]) continue;
        const double weight = 1.0 / std::sqrt(row.hidden[a] * row.hidden[b]);
        missed += weight * ((row.counts[a] - row.hidden[a]) * (row.counts[b] - row.hidden[b]) -
                            (row.shown[a] - row.hidden[a]) * (row.shown[b] - row.hidden[b]));
        foretold += weight * correlation[b - a] * error(a) * error(b);
      }
    }
  }
  return foretold > 0.0 ? std::clamp(std::sqrt(std::max(0.0, missed / foretold) / usual_ratio), 1.0, 2.0)
                        : 1.0;
}

}  // namespace rnn_rates::neural
