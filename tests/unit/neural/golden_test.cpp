#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "check_close.hpp"
#include "h5/dataset.hpp"
#include "h5/file.hpp"
#include "neural/binning.hpp"
#include "neural/context.hpp"
#include "neural/rates.hpp"
#include "support/shared_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;

namespace {

/// Our numbers for one taste as the golden file has them: fitted on all trials, 95 % of the variance.
struct Preprocessed {
  Array<std::uint16_t, 3> counts;
  Scaler scaler;
  Pca pca;
  Array<float, 3> scores;
};

Preprocessed preprocess(const h5::File& file, const std::string& group) {
  const auto golden_counts = h5::read_array<double, 3>(file, group + "/counts");
  Preprocessed result;
  result.counts = Array<std::uint16_t, 3>(golden_counts.shape());
  std::transform(golden_counts.values().begin(), golden_counts.values().end(), result.counts.values().begin(),
                 [](double count) { return static_cast<std::uint16_t>(count); });
  std::vector<std::uint32_t> trials(result.counts.extent(0));
  std::iota(trials.begin(), trials.end(), 0u);
  result.scaler = fit_scaler(result.counts, trials);
  const auto scaled = scale_counts(result.counts, result.scaler);
  result.pca = fit_pca(scaled, trials, 0.95);
  result.scores = project(scaled, result.pca);
  return result;
}

/// (component) 1 or -1: which way the golden component points, seen from ours.
std::vector<double> signs(const Pca& pca, const Array<double, 2>& components) {
  std::vector<double> result(components.extent(0));
  for (std::size_t component = 0; component < result.size(); ++component) {
    double product = 0.0;
    for (std::size_t unit = 0; unit < components.extent(1); ++unit) {
      product += pca.basis(component, unit) * components(component, unit);
    }
    result[component] = product < 0.0 ? -1.0 : 1.0;
  }
  return result;
}

/// Largest difference of two sequences of equal length.
template <class A, class B>
double largest_difference(const A& a, const B& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    largest = difference <= largest ? largest : difference;
  }
  return largest;
}

void compare_taste(const h5::File& file, const std::string& group) {
  CAPTURE(group);
  const Preprocessed ours = preprocess(file, group);
  const auto mean = h5::read_vector<double>(file, group + "/mean");
  const auto scale = h5::read_vector<double>(file, group + "/scale");
  REQUIRE(ours.scaler.mean.size() == mean.size());
  for (std::size_t unit = 0; unit < mean.size(); ++unit) {
    CHECK(std::abs(ours.scaler.mean[unit] - mean[unit]) <= 1e-12 * mean[unit]);
    CHECK(std::abs(ours.scaler.scale[unit] - scale[unit]) <= 1e-12 * scale[unit]);
  }

  const auto components = h5::read_array<double, 2>(file, group + "/components");
  const auto count = static_cast<std::size_t>(h5::read_scalar<std::int64_t>(file, group + "/n_components"));
  REQUIRE(ours.pca.basis.extent(0) == count);
  REQUIRE(ours.pca.basis.shape() == components.shape());
  CHECK(largest_difference(ours.pca.explained_variance_ratio,
                           h5::read_vector<double>(file, group + "/explained_variance_ratio")) < 1e-12);
  const auto sign = signs(ours.pca, components);
  for (std::size_t component = 0; component < count; ++component) {
    for (std::size_t unit = 0; unit < mean.size(); ++unit) {
      CHECK(std::abs(ours.pca.basis(component, unit) * sign[component] - components(component, unit)) < 1e-9);
    }
  }

  // The golden rows are bins of trials, trials varying faster: (bin, trial, component).
  const auto [trials, bins, width] = ours.scores.shape();
  const auto golden_scores = h5::read_array<double, 2>(file, group + "/scores");
  const auto reconstructed = h5::read_array<double, 2>(file, group + "/reconstructed");
  Array<float, 3> outputs({bins, trials, width});
  double largest = 0.0, largest_count = 0.0;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    for (std::size_t trial = 0; trial < trials; ++trial) {
      for (std::size_t component = 0; component < width; ++component) {
        outputs(bin, trial, component) = ours.scores(trial, bin, component);
        const double golden = golden_scores(bin * trials + trial, component) * sign[component];
        largest = std::max(largest, std::abs(double{ours.scores(trial, bin, component)} - golden));
      }
    }
  }
  const auto back = counts_from_outputs(outputs, ours.pca, ours.scaler);
  for (std::size_t bin = 0; bin < bins; ++bin) {
    for (std::size_t trial = 0; trial < trials; ++trial) {
      for (std::size_t unit = 0; unit < mean.size(); ++unit) {
        const double golden = reconstructed(bin * trials + trial, unit);
        largest_count = std::max(largest_count, std::abs(back(trial, unit, bin) - golden));
      }
    }
  }
  CHECK(largest < 2e-6);
  CHECK(largest_count < 2e-6);
}

}  // namespace

TEST_SUITE("golden") {
  TEST_CASE("scaling, PCA and reconstruction equal scikit-learn's on recorded spikes") {
    const auto golden_file = test::shared_file("golden/golden.h5");
    if (!golden_file) return;
    const auto file = h5::File::open_read(*golden_file);
    for (const std::string session : {"katz_gc", "locust"}) {
      for (const std::string& taste : h5::children(file, "/preprocess/" + session)) {
        compare_taste(file, "/preprocess/" + session + "/" + taste);
      }
    }
  }

  TEST_CASE("network inputs and targets are those of the golden network") {
    const auto golden_file = test::shared_file("golden/golden.h5");
    if (!golden_file) return;
    const auto file = h5::File::open_read(*golden_file);
    Preprocessed ours = preprocess(file, "/preprocess/katz_gc/taste_0");
    const auto sign =
        signs(ours.pca, h5::read_array<double, 2>(file, "/preprocess/katz_gc/taste_0/components"));
    for (std::size_t i = 0; i < ours.scores.size(); ++i) {
      ours.scores.values()[i] *= static_cast<float>(sign[i % sign.size()]);
    }
    const BinGrid grid = make_bin_grid({1500, 4500}, 25, 2000, 7000);
    const std::vector<std::uint32_t> one_taste(ours.counts.extent(0), 0);
    const auto context = context_inputs(scaled_trial_numbers(one_taste), grid.bins, grid.stim_bin(), {});
    const ForecastData fit =
        make_forecast_data(ours.scores, context, forecast_bins(100, grid.bin_ms, grid.bins));
    const auto inputs = h5::read_array<float, 3>(file, "/network/inputs");
    const auto labels = h5::read_array<float, 3>(file, "/network/labels");
    REQUIRE(fit.inputs.shape() == inputs.shape());
    REQUIRE(fit.targets.shape() == labels.shape());
    CHECK(largest_difference(fit.inputs.values(), inputs.values()) < 2e-6);
    CHECK(largest_difference(fit.targets.values(), labels.values()) < 2e-6);
    const std::size_t components = labels.extent(2);
    for (std::size_t bin = 0; bin < inputs.extent(0); ++bin) {
      for (std::size_t trial = 0; trial < inputs.extent(1); ++trial) {
        CHECK(fit.inputs(bin, trial, components) == inputs(bin, trial, components));
        CHECK(fit.inputs(bin, trial, components + 1) == inputs(bin, trial, components + 1));
      }
    }
  }

  TEST_CASE("recorded spikes have exactly the golden counts") {
    const auto recording_file = test::shared_file("data/katz_gc_29n.h5");
    const auto golden_file = test::shared_file("golden/golden.h5");
    if (!recording_file || !golden_file) return;
    const auto recording = h5::File::open_read(*recording_file);
    const auto golden = h5::File::open_read(*golden_file);
    const auto expected = h5::read_array<double, 3>(golden, "/preprocess/katz_gc/taste_0/counts");
    const h5::Dataset spikes(recording, "/spike_trains/dig_in_0/spike_array");
    REQUIRE(spikes.shape() == std::vector<std::size_t>{30, 29, 7000});

    const BinGrid grid = make_bin_grid({1500, 4500}, 25, 2000, 7000);
    std::vector<double> window(29 * grid.window_ms());
    Array<std::uint16_t, 3> counts(expected.shape());
    for (std::size_t trial = 0; trial < 30; ++trial) {
      const std::vector<std::size_t> start = {trial, 0, 1500}, count = {1, 29, grid.window_ms()};
      spikes.read_block<double>(start, count, window);
      for (std::size_t unit = 0; unit < 29; ++unit)
        bin_spikes(std::span(window).subspan(unit * grid.window_ms(), grid.window_ms()), unit, grid,
                   std::span(&counts(trial, unit, 0), grid.bins), spikes.where(), trial);
    }
    CHECK(largest_difference(counts.values(), expected.values()) == 0.0);
  }
}
