#include "neural/fits.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>

namespace rnn_rates::neural {
std::vector<std::uint32_t> all_indices(std::size_t count) {
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0u);
  return indices;
}

Fit fit_of_trials(std::span<const std::uint32_t> units, std::span<const std::uint32_t> trial_taste) {
  Fit fit{.region = "", .taste = "", .units = {units.begin(), units.end()}, .tastes = {}};
  std::unique_copy(trial_taste.begin(), trial_taste.end(), std::back_inserter(fit.tastes));
  return fit;
}

std::vector<Fit> plan_fits(std::span<const std::string> unit_regions, std::size_t tastes,
                           bool separate_regions, bool separate_tastes,
                           std::span<const std::uint8_t> taste_laser) {
  std::map<std::string, std::vector<std::uint32_t>> regions;
  if (separate_regions) {
    for (std::uint32_t unit = 0; unit < unit_regions.size(); ++unit)
      regions[unit_regions[unit]].push_back(unit);
  }
  if (regions.size() < 2) regions = {{"all", all_indices(unit_regions.size())}};
  std::vector<Fit> fits;
  for (const auto& [region, units] : regions) {
    for (const bool laser : {false, true}) {
      std::vector<std::uint32_t> joint = all_indices(tastes);
      std::erase_if(joint, [&](std::uint32_t taste) {
        return (!taste_laser.empty() && taste_laser[taste] != 0) != laser;
      });
      if (!separate_tastes && !joint.empty())
        fits.push_back({region, laser ? "all_laser" : "all", units, joint});
    }
    for (std::uint32_t taste = 0; separate_tastes && taste < tastes; ++taste) {
      fits.push_back({region, std::to_string(taste), units, {taste}});
    }
  }
  return fits;
}

Array<std::uint8_t, 2> laser_of_fit(std::span<const Array<std::uint8_t, 2>> taste_laser, const Fit& fit) {
  if (taste_laser.empty()) return {};
  std::vector<std::uint8_t> values;
  std::size_t trials = 0;
  for (const std::uint32_t taste : fit.tastes) {
    const auto of_taste = taste_laser[taste].values();
    values.insert(values.end(), of_taste.begin(), of_taste.end());
    trials += taste_laser[taste].extent(0);
  }
  return {{trials, taste_laser.front().extent(1)}, std::move(values)};
}

std::vector<std::uint32_t> trial_tastes(std::span<const Array<std::uint16_t, 3>> taste_counts,
                                        const Fit& fit) {
  std::vector<std::uint32_t> tastes;
  for (const std::uint32_t taste : fit.tastes)
    tastes.insert(tastes.end(), taste_counts[taste].extent(0), taste);
  return tastes;
}

}  // namespace rnn_rates::neural
