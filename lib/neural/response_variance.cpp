#include "neural/response_variance.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "core/stop_token.hpp"
#include "neural/deciles.hpp"

namespace rnn_rates::neural {
namespace {

constexpr double floor_hz = 0.1;
/// So many spikes with the response of all deciles are added to those of each.
constexpr double lent_spikes = 50.0;
/// The longest lag at which covariances of errors are compared, in bins.
constexpr std::size_t most_lag = 2;
/// Groups of deciles, the lowest three, the middle four and the highest three, that are calibrated alike.
constexpr std::size_t groups = 3;
/// Before any spike, the ratio of counted to foretold covariances is taken to be 1, give or take this.
constexpr double prior_sd = 2.0;
constexpr double least_ratio = 0.5, most_ratio = 10.0;
/// Few errors are large, so the usual one is smaller than their mean square.
constexpr double usual_share = 0.75;
/// Of log rates: spread beyond the relative variance v, by this * v^2; 3/4 of a gamma posterior.
constexpr double skew = 1.5;

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

std::size_t group_of(std::uint8_t decile) { return decile < 3 ? 0 : decile < 7 ? 1 : 2; }

/// Sums over pairs of bins, (trial), of the covariance of errors that counts show and of what is foretold.
struct Covariances {
  std::vector<double> counted, foretold;

  void begin_trial() {
    counted.push_back(0.0);
    foretold.push_back(0.0);
  }
  void add(double count, double expected) {
    counted.back() += count;
    foretold.back() += expected;
  }
};

/// What counted covariances are of foretold ones, with the standard error of a ratio of means over trials
/// (Cochran 1977, Sampling Techniques, eq. 6.13).
struct Ratio {
  double value = 1.0, standard_error = std::numeric_limits<double>::infinity();

  explicit Ratio(const Covariances& sums) {
    const auto trials = static_cast<double>(sums.counted.size());
    const double foretold = std::accumulate(sums.foretold.begin(), sums.foretold.end(), 0.0);
    if (!(foretold > 0.0) || sums.counted.size() < 2) return;
    value = std::accumulate(sums.counted.begin(), sums.counted.end(), 0.0) / foretold;
    double squares = 0.0;
    for (std::size_t trial = 0; trial < sums.counted.size(); ++trial)
      squares += std::pow(sums.counted[trial] - value * sums.foretold[trial], 2);
    standard_error = std::sqrt(trials / (trials - 1.0) * squares) / foretold;
  }
};

/// (group) leaning on 1 by how little each is known; 1 where spikes shun each other.
std::array<double, groups> ratios(const std::array<Covariances, groups>& covariances) {
  std::array<double, groups> result{};
  for (std::size_t group = 0; group < groups; ++group) {
    const Ratio ratio(covariances[group]);
    if (ratio.value + 2.0 * ratio.standard_error < 0.0) return {1.0, 1.0, 1.0};
    const double known = std::pow(ratio.standard_error, -2), prior = std::pow(prior_sd, -2);
    const double mean = known > 0.0 ? (known * ratio.value + prior) / (known + prior) : 1.0;
    result[group] = std::clamp(mean, least_ratio, most_ratio);
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
    // Networks that look back only do not respond to later spikes.
    const double larger = std::max(common[reach + lag], common[reach - lag]);
    response.correlation[static_cast<std::size_t>(lag)] =
        common[reach] > 0.0 ? std::clamp(larger / common[reach], 0.0, 1.0) : 0.0;
  }
  const std::array<double, deciles> variance = variances(regressions, all.response());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (decile_of.values()[i] != no_decile)
      response.variance.values()[i] = static_cast<float>(variance[decile_of.values()[i]]);
  }
  return response;
}

void calibrate_variance(const ShownBlocks& blocks, const std::array<double, Response::reach + 1>& correlation,
                        Array<float, 3>& variance, const std::stop_token& stop) {
  const std::size_t bins = blocks.counts.extent(2), per_trial = blocks.counts.extent(1) * bins;
  const Array<std::uint8_t, 3> decile_of = deciles_of(blocks.hidden_hz, blocks.observed);
  std::array<Covariances, groups> covariances;
  for (std::size_t first = 0; first < blocks.counts.size(); first += bins) {
    if (first % per_trial == 0) {
      end_if_stopped(stop);
      for (Covariances& of_group : covariances) of_group.begin_trial();
    }
    const Row row(blocks, first, bins);
    for (std::size_t a = 0; a < bins; ++a) {
      for (std::size_t b = a + 1; b < bins && b <= a + most_lag && row.block[a] == row.block[b]; ++b) {
        if (!row.observed[a] || !row.observed[b]) continue;
        const double weight = 1.0 / std::sqrt(row.hidden[a] * row.hidden[b]),
                     missed = (row.counts[a] - row.hidden[a]) * (row.counts[b] - row.hidden[b]) -
                              (row.shown[a] - row.hidden[a]) * (row.shown[b] - row.hidden[b]),
                     relative =
                         std::sqrt(double{variance.values()[first + a]} * variance.values()[first + b]);
        covariances[group_of(decile_of.values()[first + b])].add(
            weight * missed, weight * correlation[b - a] * row.shown[a] * row.shown[b] * relative);
      }
    }
  }
  const std::array<double, groups> ratio = ratios(covariances);
  for (std::size_t i = 0; i < variance.size(); ++i) {
    if (decile_of.values()[i] == no_decile) continue;
    const double relative =
        usual_share * ratio[group_of(decile_of.values()[i])] * double{variance.values()[i]};
    variance.values()[i] = static_cast<float>(relative + skew * relative * relative);
  }
}

}  // namespace rnn_rates::neural
