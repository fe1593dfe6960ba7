#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "artifact/knowledge_file.hpp"
#include "plot_rates/report.hpp"

namespace rnn_rates::plot_rates {

plot::PageTable knowledge_table(const h5::File& rates, const std::map<std::string, std::string>& fit_titles) {
  plot::PageTable table{"What rates are made from (docs/what_rates_can_tell.md says what they are good for)",
                        {"rates", "the condition's label", "spikes after the bin", "other regions",
                         "the trial's own spikes", "fits"},
                        {}};
  const auto yes_or_no = [](bool yes) { return yes ? "yes" : "no"; };
  for (const artifact::DatasetKnowledge& of :
       h5::reading([&] { return artifact::read_knowledge_of_fits(rates); })) {
    const inference::Knowledge& knows = of.knowledge;
    std::vector<std::string> row{of.dataset,
                                 yes_or_no(knows.condition_label),
                                 knows.future_ms > 0 ? fmt::format("up to {} ms", knows.future_ms) : "no",
                                 yes_or_no(knows.other_regions),
                                 yes_or_no(knows.own_spikes),
                                 fit_titles.at(of.fit)};
    const auto same = std::find_if(table.rows.begin(), table.rows.end(), [&](const auto& other) {
      return std::equal(row.begin(), row.end() - 1, other.begin());
    });
    if (same == table.rows.end()) {
      table.rows.push_back(std::move(row));
    } else {
      same->back() += "; " + row.back();
    }
  }
  return table;
}

std::vector<plot::PageTable> leak_tables(const inference::LeakTest& test) {
  std::vector<plot::PageTable> tables;
  const auto p_value = [](double p) { return std::isnan(p) ? std::string() : fmt::format("{:.3f}", p); };
  if (!test.conditions_told.empty()) {
    const auto between = [](const std::array<double, 2>& part_ms) {
      return fmt::format("{} to {} ms", part_ms[0], part_ms[1]);
    };
    plot::PageTable& told = tables.emplace_back(
        plot::PageTable{fmt::format("Leak test: trials whose condition is told (chance {:.2f})", test.chance),
                        {"from", between(test.before_ms), between(test.after_ms),
                         "p that chance tells as much more before the stimulus than counts do"},
                        {}});
    for (const inference::ConditionTold& one : test.conditions_told)
      told.rows.push_back({std::string(word(one.teller)), fmt::format("{:.2f}", one.accuracy_before),
                           fmt::format("{:.2f}", one.accuracy_after), p_value(one.p_value)});
  }
  if (!test.correlations.empty()) {
    plot::PageTable& regions = tables.emplace_back(plot::PageTable{
        "Leak test: correlation of regions on single trials, less their condition's average",
        {"regions", "of", "correlation", "p that chance correlates as much more than counts do"},
        {}});
    for (const inference::RegionsCorrelated& pair : test.correlations)
      regions.rows.push_back({pair.first + " and " + pair.second, std::string(word(pair.teller)),
                              fmt::format("{:.2f}", pair.correlation), p_value(pair.p_value)});
  }
  return tables;
}

}  // namespace rnn_rates::plot_rates
