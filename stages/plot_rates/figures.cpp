#include "plot_rates/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "plot/figures.hpp"
#include "plot/region_figures.hpp"

namespace rnn_rates::plot_rates {
namespace {

using Figures = std::vector<Figure>;

bool has_latents(const plot::RegionRates& region) { return region.tastes.front().latents.size() > 0; }
bool any_region(const plot::RegionRates&) { return true; }

/// A figure of a region, for those that have what it needs.
struct RegionFigure {
  const char* description;
  plot::Picture (*make)(const plot::RegionRates& rates);
  bool (*wanted)(const plot::RegionRates& region);
};

const std::map<std::string, RegionFigure> region_figures{
    {"overview", {"Binned spikes and inferred rates of all trials", plot::overview_picture, any_region}},
    {"latents", {"Latent factors of all trials", plot::latents_picture, has_latents}},
    {"mean_rates", {"Mean rates of all units", plot::mean_rates_picture, any_region}},
    {"mean_heat", {"Mean rates, units by time", plot::mean_heat_picture, any_region}},
    {"fold_error",
     {"Single trials with their standard error", plot::fold_error_picture, plot::has_fold_error}},
    {"gallery", {"Single trials sorted by their latent transition", plot::gallery_picture, has_latents}},
};

/// A figure of a unit, for each a page.
struct UnitFigure {
  const char* description;
  plot::Picture (*make)(const plot::RegionRates& rates, std::size_t unit);
};

const std::map<std::string, UnitFigure> unit_figures{
    {"units", {"Raster, boxcar and inferred rates by taste", plot::unit_rates_picture}},
    {"unit_tastes", {"Raster and mean rates of all tastes", plot::unit_tastes_picture}},
    {"unit_heat", {"Counted against predicted", plot::unit_heat_picture}},
};

/// The parts of one region after the other.
std::vector<std::vector<const plot::RegionRates*>> parts_of_regions(const Gathered& gathered) {
  std::vector<std::vector<const plot::RegionRates*>> regions;
  for (const plot::RegionRates& part : gathered.shown()) {
    if (regions.empty() || regions.back().front()->region != part.region) regions.emplace_back();
    regions.back().push_back(&part);
  }
  return regions;
}

void add_regions(Figures& all, const Gathered& gathered, const std::string& name,
                 const RegionFigure& of_region) {
  for (const auto& parts : parts_of_regions(gathered)) {
    const std::string& region = parts.front()->region;
    if (!of_region.wanted(*parts.front())) continue;
    Figure figure{fmt::format("{}_region_{}", name, region),
                  fmt::format("{}, region {}", of_region.description, region),
                  {},
                  [parts, make = of_region.make](std::size_t page) { return make(*parts[page]); }};
    for (std::size_t page = 1; page <= parts.size() && parts.size() > 1; ++page)
      figure.pages.push_back(fmt::format("{}/region_{}_page_{:02}", name, region, page));
    all.push_back(std::move(figure));
  }
}

void add_units(Figures& all, const Gathered& gathered, const std::string& name, const UnitFigure& of_unit) {
  for (const auto& parts : parts_of_regions(gathered)) {
    const std::string& region = parts.front()->region;
    Figure figure{fmt::format("{}_region_{}", name, region),
                  fmt::format("{}, region {}, one page a unit", of_unit.description, region),
                  {},
                  [parts, make = of_unit.make](std::size_t page) {
                    return make(*parts[page % parts.size()], page / parts.size());
                  }};
    for (std::string unit : parts.front()->units) {
      std::replace(unit.begin(), unit.end(), ' ', '_');
      for (std::size_t part = 1; part <= parts.size(); ++part) {
        figure.pages.push_back(fmt::format("{}/region_{}_{}{}", name, region, unit,
                                           parts.size() > 1 ? fmt::format("_page_{:02}", part) : ""));
      }
    }
    all.push_back(std::move(figure));
  }
}

std::vector<plot::TasteTrial> first_trials(const plot::RegionRates& region, std::size_t most) {
  std::vector<plot::TasteTrial> trials;
  for (std::size_t trial = 0; trials.size() < most; ++trial) {
    const std::size_t before = trials.size();
    for (std::size_t taste = 0; taste < region.tastes.size() && trials.size() < most; ++taste) {
      if (trial < region.tastes[taste].counts.extent(0)) trials.push_back({taste, trial});
    }
    if (trials.size() == before) break;
  }
  return trials;
}

std::string truth_note(const Gathered& gathered) {
  for (const inference::Metric& metric : gathered.scores.metrics) {
    if (metric.name == "true_r2_published")
      return fmt::format("R² {:.2f} over all units and trials", metric.value);
  }
  return "";
}

void add_truth(Figures& all, const Gathered& gathered) {
  for (const plot::RegionRates& region : gathered.shown()) {
    if (region.tastes.front().true_rate_hz.size() == 0) continue;
    all.push_back({"truth_region_" + region.region,
                   "True and estimated rates of single trials, region " + region.region,
                   {},
                   [&](std::size_t) {
                     return plot::true_rates_picture(region, plot::most_modulated_units(region, 3),
                                                     first_trials(region, 4), truth_note(gathered));
                   }});
  }
}

void add_inputs(Figures& all, const Gathered& gathered) {
  for (const plot::FitInputs& inputs : gathered.inputs) {
    all.push_back({"inputs_" + inputs.name, "Inputs of the network of " + inputs.fit, {}, [&](std::size_t) {
                     return plot::inputs_picture(inputs);
                   }});
  }
}

/// One page a trial.
void add_trial_latents(Figures& all, const Gathered& gathered) {
  for (const plot::RegionRates& region : gathered.shown()) {
    std::vector<plot::TasteTrial> trials;
    Figure figure{"trial_latents_region_" + region.region,
                  "Latent factors of each trial, region " + region.region,
                  {},
                  {}};
    for (std::size_t taste = 0; taste < region.tastes.size(); ++taste) {
      for (std::size_t trial = 0; trial < region.tastes[taste].latents.extent(0); ++trial) {
        trials.push_back({taste, trial});
        figure.pages.push_back(fmt::format("trial_latents/region_{}_taste_{}_trial_{:03}", region.region,
                                           region.tastes[taste].index, trial + 1));
      }
    }
    figure.make = [&region, trials](std::size_t page) {
      return plot::trial_latents_picture(region, trials[page].taste, trials[page].trial);
    };
    if (!trials.empty()) all.push_back(std::move(figure));
  }
}

void add_method(plot::ScoreGroup& group, const std::string& method, double value) {
  group.methods.push_back(method_title(method));
  group.values.push_back(value);
  group.ours.push_back(method == "published" || method == "rnn" || method == "combined");
}

/// R2 of true rates, and what each method says of spikes that it did not see; of co-smoothing only where a
/// method can do it.
std::vector<plot::ScoreGroup> score_groups(const Gathered& gathered) {
  const std::string prefix = "true_r2_";
  plot::ScoreGroup truth{"R² of true single-trial rates", {}, {}, {}};
  for (const inference::Metric& metric : gathered.scores.metrics) {
    if (metric.name.starts_with(prefix)) add_method(truth, metric.name.substr(prefix.size()), metric.value);
  }
  std::vector<plot::ScoreGroup> groups{truth};
  for (const inference::ScoreTable& table : gathered.scores.tables) {
    const std::string of = gathered.fit_titles.at(table.fit);
    plot::ScoreGroup held_out{of + ": bits per hidden spike", {}, {}, {}};
    plot::ScoreGroup hidden{of + ": bits per spike of hidden units", {}, {}, {}};
    for (const inference::MethodScore& method : table.methods) {
      const std::string name(word(method.method));
      add_method(held_out, name, method.bits_per_hidden_spike);
      if (!std::isnan(method.co_bits_per_spike)) add_method(hidden, name, method.co_bits_per_spike);
    }
    groups.push_back(held_out);
    groups.push_back(hidden);
  }
  std::erase_if(groups, [](const plot::ScoreGroup& group) { return group.methods.empty(); });
  return groups;
}

void add_scores(Figures& all, const Gathered& gathered) {
  const std::vector<plot::ScoreGroup> groups = score_groups(gathered);
  if (groups.empty()) return;
  all.push_back({"scores", "Scores against the baselines", {}, [&gathered, groups](std::size_t) {
                   return plot::scores_picture(gathered.session, groups);
                 }});
}

void add_calibration(Figures& all, const Gathered& gathered) {
  if (gathered.calibrations.empty()) return;
  all.push_back({"calibration", "Predicted against counted rates of hidden bins", {}, [&](std::size_t) {
                   return plot::calibration_picture(gathered.session, gathered.calibrations);
                 }});
}

void add_losses(Figures& all, const Gathered& gathered, bool logarithmic) {
  if (gathered.losses.empty()) return;
  all.push_back({"losses", "Losses of all networks", {}, [&, logarithmic](std::size_t) {
                   return plot::losses_picture(gathered.losses, logarithmic);
                 }});
}

}  // namespace

std::string method_title(std::string_view name) {
  const std::map<std::string, std::string> titles{{"published", "rates inferred here"},
                                                  {"rnn", "network"},
                                                  {"combined", "combination"},
                                                  {"gaussian", "Gaussian kernel, best width"},
                                                  {"boxcar_250ms", "250 ms boxcar"},
                                                  {"condition_average", "condition average"},
                                                  {"inferred_condition", "inferred condition"},
                                                  {"baks", "BAKS"},
                                                  {"gpfa", "GPFA"},
                                                  {"plds", "PLDS"}};
  const auto found = titles.find(std::string(name));
  return found == titles.end() ? std::string(name) : found->second;
}

std::vector<Figure> figures(const Gathered& gathered, const config::PlotRates& settings) {
  Figures all;
  const std::map<std::string, std::function<void()>> others{
      {"calibration", [&] { add_calibration(all, gathered); }},
      {"inputs", [&] { add_inputs(all, gathered); }},
      {"losses", [&] { add_losses(all, gathered, settings.log_loss); }},
      {"trial_latents", [&] { add_trial_latents(all, gathered); }},
      {"scores", [&] { add_scores(all, gathered); }},
      {"truth", [&] { add_truth(all, gathered); }},
  };
  for (const std::string& name : settings.select) {
    if (const auto region = region_figures.find(name); region != region_figures.end()) {
      add_regions(all, gathered, name, region->second);
    } else if (const auto unit = unit_figures.find(name); unit != unit_figures.end()) {
      add_units(all, gathered, name, unit->second);
    } else {
      others.at(name)();
    }
  }
  return all;
}

}  // namespace rnn_rates::plot_rates
