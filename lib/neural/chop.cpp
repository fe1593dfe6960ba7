#include "neural/chop.hpp"

#include <cmath>

#include "core/error.hpp"

namespace rnn_rates::neural {
namespace {

std::size_t whole_bins(const char* key, double ms, double bin_ms) {
  if (ms >= 0 && std::fmod(ms, bin_ms) == 0) return static_cast<std::size_t>(ms / bin_ms);
  throw Error(ErrorKind::config, "{} = {} is not a whole number of bins (bin_ms = {}); expected a multiple",
              key, ms, bin_ms);
}

void append(Chops& chops, const Chops& more) {
  chops.bins = more.bins;
  chops.all.insert(chops.all.end(), more.all.begin(), more.all.end());
}

}  // namespace

ChopSize chop_size(double window_ms, double overlap_ms, double bin_ms) {
  if (window_ms == 0) return {};
  const ChopSize size{whole_bins("chop.window_ms", window_ms, bin_ms),
                      whole_bins("chop.overlap_ms", overlap_ms, bin_ms)};
  if (size.overlap >= size.bins) {
    throw Error(ErrorKind::config, "chop.overlap_ms = {}: expected less than chop.window_ms = {}", overlap_ms,
                window_ms);
  }
  return size;
}

Chops plan_chops(std::span<const std::uint32_t> trials, std::size_t first_bin, std::size_t bins,
                 const ChopSize& size) {
  const bool whole = size.bins == 0 || size.bins >= bins;
  Chops chops{whole ? bins : size.bins, {}};
  for (const std::uint32_t trial : trials) {
    std::size_t start = 0;
    for (; !whole && start + chops.bins < bins; start += size.bins - size.overlap)
      chops.all.push_back({trial, first_bin + start});
    chops.all.push_back({trial, first_bin + bins - chops.bins});
  }
  return chops;
}

Array<float, 3> cut_sequences(const Array<float, 3>& values, const Chops& chops) {
  const std::size_t features = values.extent(2);
  Array<float, 3> pieces({chops.bins, chops.all.size(), features});
  for (std::size_t bin = 0; bin < chops.bins; ++bin) {
    for (std::size_t i = 0; i < chops.all.size(); ++i)
      std::copy_n(&values(chops.all[i].first_bin + bin, chops.all[i].trial, 0), features, &pieces(bin, i, 0));
  }
  return pieces;
}

Array<float, 3> merge(const Array<float, 3>& pieces, const Chops& chops, std::size_t trials,
                      std::size_t bins) {
  const std::size_t features = pieces.extent(2);
  Array<float, 3> merged({bins, trials, features});
  std::vector<std::size_t> done(trials, 0);  // (trial) bins that earlier chops have filled
  for (std::size_t i = 0; i < chops.all.size(); ++i) {
    const auto [trial, first_bin] = chops.all[i];
    const std::size_t shared = done[trial] - first_bin;
    for (std::size_t bin = 0; bin < chops.bins; ++bin) {
      const float* later = &pieces(bin, i, 0);
      float* to = &merged(first_bin + bin, trial, 0);
      const float weight = bin < shared ? static_cast<float>(bin + 1) / static_cast<float>(shared + 1) : 1.0F;
      for (std::size_t f = 0; f < features; ++f)
        to[f] = bin < shared ? to[f] + weight * (later[f] - to[f]) : later[f];
    }
    done[trial] = first_bin + chops.bins;
  }
  return merged;
}

Folds assign_bin_folds(std::size_t bins, std::size_t folds, const ChopSize& size) {
  const std::size_t count = size.bins == 0 ? 0 : std::min(folds, bins / size.bins);
  if (count < 2) return {};
  Folds assigned{.over = Folds::Over::bins};
  for (std::size_t bin = 0; bin < bins; ++bin)
    assigned.fold.push_back(static_cast<std::uint32_t>(bin * count / bins));
  return assigned;
}

FoldChops chops_of_fold(const Folds& folds, std::uint32_t fold, const ChopSize& size) {
  const std::vector<std::uint32_t>& bin_fold = folds.fold;
  const auto [first, last] = std::equal_range(bin_fold.begin(), bin_fold.end(), fold);
  const auto begin = static_cast<std::size_t>(first - bin_fold.begin()),
             end = static_cast<std::size_t>(last - bin_fold.begin());
  constexpr std::uint32_t only_trial[] = {0};
  FoldChops chops{{}, plan_chops(only_trial, begin, end - begin, size)};
  if (begin > 0) append(chops.train, plan_chops(only_trial, 0, begin, size));
  if (end < bin_fold.size()) append(chops.train, plan_chops(only_trial, end, bin_fold.size() - end, size));
  return chops;
}

}  // namespace rnn_rates::neural
