#include "plot_rates/score_figures.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "plot_rates/gather.hpp"

namespace rnn_rates::plot_rates {
namespace {

plot::Whose whose(const std::string& method, bool combined) {
  if (method == "published" || method == (combined ? "combined" : "rnn")) return plot::Whose::published;
  return method == "rnn" ? plot::Whose::network : plot::Whose::other;
}

plot::ScoreGroup truth_group(const Gathered& gathered) {
  const std::string prefix = "true_r2_";
  plot::ScoreGroup truth{"R² of true single-trial rates", "R²", {}};
  for (const inference::Metric& metric : gathered.scores.metrics) {
    if (!metric.name.starts_with(prefix)) continue;
    const std::string method = metric.name.substr(prefix.size());
    truth.methods.push_back(
        {.name = method_title(method), .value = metric.value, .whose = whose(method, true)});
  }
  return truth;
}

}  // namespace

std::string method_title(std::string_view name) {
  const std::map<std::string, std::string> titles{{"published", "rates inferred here"},
                                                  {"rnn", "network"},
                                                  {"combined", "combination"},
                                                  {"gaussian", "Gaussian kernel"},
                                                  {"boxcar_250ms", "250 ms boxcar"},
                                                  {"condition_average", "condition average"},
                                                  {"inferred_condition", "inferred condition"},
                                                  {"baks", "BAKS"},
                                                  {"gpfa", "GPFA"},
                                                  {"plds", "PLDS"}};
  const auto found = titles.find(std::string(name));
  return found == titles.end() ? std::string(name) : found->second;
}

std::vector<plot::ScoreGroup> score_groups(const Gathered& gathered) {
  std::vector<plot::ScoreGroup> groups{truth_group(gathered)};
  for (const inference::ScoreTable& table : gathered.scores.tables) {
    const std::string of = gathered.fit_titles.at(table.fit);
    plot::ScoreGroup held_out{of + ": bits per hidden spike", "bits", {}},
        of_units{of + ": bits per spike of hidden units", "bits", {}};
    const inference::MethodScore* published = inference::published(table);
    const bool combined = published != nullptr && published->method == inference::Method::combined;
    for (const inference::MethodScore& method : table.methods) {
      const std::string name(word(method.method));
      held_out.methods.push_back({method_title(name), method.bits_per_hidden_spike, method.standard_error,
                                  method.per_fold, whose(name, combined)});
      if (!std::isnan(method.co_bits_per_spike))
        of_units.methods.push_back(
            {.name = method_title(name), .value = method.co_bits_per_spike, .whose = whose(name, combined)});
    }
    groups.push_back(held_out);
    groups.push_back(of_units);
  }
  std::erase_if(groups, [](const plot::ScoreGroup& group) { return group.methods.empty(); });
  return groups;
}

std::vector<plot::FitUnitScores> unit_scores(const Gathered& gathered) {
  std::vector<plot::FitUnitScores> all;
  for (const inference::ScoreTable& table : gathered.scores.tables) {
    const inference::MethodScore *published = inference::published(table),
                                 *simple = inference::best_simple(table);
    const auto units = gathered.fit_units.find(table.fit);
    if (published == nullptr || simple == nullptr || units == gathered.fit_units.end()) continue;
    all.push_back({gathered.fit_titles.at(table.fit),
                   method_title(word(simple->method)),
                   {},
                   simple->per_unit,
                   published->per_unit});
    for (const std::uint32_t unit : units->second) all.back().units.push_back(unit_name(unit));
  }
  return all;
}

}  // namespace rnn_rates::plot_rates
