#include "plot_rates/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "plot/figures.hpp"
#include "plot/region_figures.hpp"
#include "plot_rates/score_figures.hpp"

namespace rnn_rates::plot_rates {
namespace {

using Figures = std::vector<Figure>;
using Parts = std::vector<const plot::RegionRates*>;

bool any_region(const plot::RegionRates&) { return true; }
bool has_latents(const plot::RegionRates& region) { return region.tastes.front().latents.size() > 0; }
bool has_an_axis(const plot::RegionRates& region) { return region.tastes.front().latent_axes.size() > 0; }
bool knows_truth(const plot::RegionRates& region) { return region.tastes.front().true_rate_hz.size() > 0; }

/// A figure of a region, for those that have what it needs.
struct RegionFigure {
  const char* description;
  plot::Picture (*make)(const plot::RegionRates& rates, const plot::Paper& paper, std::size_t page);
  bool (*wanted)(const plot::RegionRates& region) = any_region;
  std::size_t (*pages)(const plot::RegionRates& rates, const plot::Paper& paper) = nullptr;  ///< one
};

const std::map<std::string, RegionFigure> region_figures{
    {"overview",
     {"Binned spikes and inferred rates of all trials", plot::overview_picture, any_region,
      plot::overview_pages}},
    {"latents", {"Latent factors of all trials", plot::latents_picture, has_an_axis}},
    {"latent_space",
     {"Latent factors in two and three dimensions", plot::latent_space_picture, plot::has_latent_axes}},
    {"mean_rates", {"Mean rates of all units", plot::mean_rates_picture, any_region, plot::mean_rates_pages}},
    {"mean_heat", {"Mean rates, units by time", plot::mean_heat_picture}},
    {"fold_error",
     {"Single trials with their standard error", plot::fold_error_picture, plot::has_fold_error}},
    {"gallery", {"Single trials sorted by their latent transition", plot::gallery_picture, has_latents}},
};

/// A figure of a unit, for each a page.
struct UnitFigure {
  const char* description;
  plot::Picture (*make)(const plot::RegionRates& rates, const plot::Paper& paper, std::size_t unit);
};

const std::map<std::string, UnitFigure> unit_figures{
    {"units", {"Raster, boxcar and inferred rates of each unit", plot::unit_rates_picture}},
    {"psth", {"Raster, PSTH and mean inferred rates of each unit", plot::psth_picture}},
    {"unit_heat", {"Counted against predicted", plot::unit_heat_picture}},
};

/// What figures of regions are made from.
struct Source {
  const Gathered& gathered;
  const plot::Paper& paper;

  /// The parts of each region.
  std::vector<Parts> regions() const {
    std::vector<Parts> regions;
    for (const plot::RegionRates& part : gathered.shown()) {
      if (regions.empty() || regions.back().front()->region != part.region) regions.emplace_back();
      regions.back().push_back(&part);
    }
    return regions;
  }
};

/// One page of a figure of a region.
struct RegionPage {
  const plot::RegionRates* part;
  std::size_t page;
};

void add_regions(Figures& all, const Source& source, const std::string& name, const RegionFigure& of_region) {
  for (const Parts& parts : source.regions()) {
    std::vector<RegionPage> pages;
    for (const plot::RegionRates* part : parts) {
      if (!of_region.wanted(*part)) continue;
      const std::size_t count = of_region.pages == nullptr ? 1 : of_region.pages(*part, source.paper);
      for (std::size_t page = 0; page < count; ++page) pages.push_back({part, page});
    }
    if (pages.empty()) continue;
    const std::string& region = parts.front()->region;
    Figure figure{fmt::format("{}_region_{}", name, region),
                  fmt::format("{}, region {}", of_region.description, region),
                  {},
                  [pages, make = of_region.make, paper = source.paper](std::size_t page) {
                    return make(*pages[page].part, paper, pages[page].page);
                  }};
    for (std::size_t page = 1; page <= pages.size() && pages.size() > 1; ++page)
      figure.pages.push_back(fmt::format("{}/region_{}_page_{:02}", name, region, page));
    all.push_back(std::move(figure));
  }
}

void add_units(Figures& all, const Source& source, const std::string& name, const UnitFigure& of_unit) {
  for (const Parts& parts : source.regions()) {
    const std::string& region = parts.front()->region;
    Figure figure{fmt::format("{}_region_{}", name, region),
                  fmt::format("{}, region {}, one page a unit", of_unit.description, region),
                  {},
                  [parts, make = of_unit.make, paper = source.paper](std::size_t page) {
                    return make(*parts[page % parts.size()], paper, page / parts.size());
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

std::string truth_note(const Gathered& gathered) {
  for (const inference::Metric& metric : gathered.scores.metrics) {
    if (metric.name == "true_r2_published")
      return fmt::format("R² {:.2f} over all units and trials; ", metric.value);
  }
  return "";
}

void add_truth(Figures& all, const Source& source) {
  for (const Parts& parts : source.regions()) {
    const plot::RegionRates& region = *parts.front();
    if (!knows_truth(region)) continue;
    all.push_back({"truth_region_" + region.region,
                   "True and estimated rates of single trials, region " + region.region,
                   {},
                   [&region, &gathered = source.gathered, paper = source.paper](std::size_t) {
                     const std::vector<plot::TasteTrial> trials = plot::typical_trials(region);
                     return plot::true_rates_picture(
                         region, paper, plot::most_modulated_units(region, 3), trials,
                         truth_note(gathered) + "the units whose true rates vary most, " +
                             plot::trials_note(region, trials));
                   }});
  }
}

void add_inputs(Figures& all, const Source& source) {
  for (const plot::FitInputs& inputs : source.gathered.inputs) {
    all.push_back(
        {"inputs_" + inputs.name,
         "Inputs of the network of " + inputs.fit,
         {},
         [&inputs, paper = source.paper](std::size_t) { return plot::inputs_picture(inputs, paper); }});
  }
}

/// One page a trial.
void add_population(Figures& all, const Source& source) {
  for (const Parts& parts : source.regions()) {
    std::vector<std::pair<const plot::RegionRates*, plot::TasteTrial>> pages;
    const std::string& region = parts.front()->region;
    Figure figure{"population_region_" + region, "The population in each trial, region " + region, {}, {}};
    std::size_t condition = 0;
    for (const plot::RegionRates* part : parts) {
      for (std::size_t taste = 0; taste < part->tastes.size(); ++taste, ++condition) {
        for (std::size_t trial = 0; trial < part->tastes[taste].trials(); ++trial) {
          pages.push_back({part, {taste, trial}});
          figure.pages.push_back(fmt::format("population/region_{}_{}_{}_trial_{:03}", region,
                                             part->condition_word, condition,
                                             part->tastes[taste].number(trial)));
        }
      }
    }
    figure.make = [pages, paper = source.paper](std::size_t page) {
      return plot::population_picture(*pages[page].first, paper, pages[page].second);
    };
    if (!pages.empty()) all.push_back(std::move(figure));
  }
}

void add_calibration(Figures& all, const Source& source) {
  if (source.gathered.calibrations.empty()) return;
  all.push_back({"calibration",
                 "Predicted against counted rates of hidden bins",
                 {},
                 [&gathered = source.gathered, paper = source.paper](std::size_t) {
                   return plot::calibration_picture(gathered.session, paper, gathered.calibrations);
                 }});
}

void add_losses(Figures& all, const Source& source, bool logarithmic) {
  if (source.gathered.losses.empty()) return;
  all.push_back({"losses",
                 "Losses of all networks",
                 {},
                 [&gathered = source.gathered, paper = source.paper, logarithmic](std::size_t) {
                   return plot::losses_picture(gathered.losses, paper, logarithmic);
                 }});
}

void add_scores(Figures& all, const Source& source) {
  const std::vector<plot::ScoreGroup> groups = score_groups(source.gathered);
  if (groups.empty()) return;
  all.push_back({"scores",
                 "Scores against simpler methods",
                 {},
                 [session = source.gathered.session, groups, paper = source.paper](std::size_t) {
                   return plot::scores_picture(session, paper, groups);
                 }});
}

void add_unit_scores(Figures& all, const Source& source) {
  const std::vector<plot::FitUnitScores> fits = unit_scores(source.gathered);
  if (fits.empty()) return;
  all.push_back({"unit_scores",
                 "Scores of each unit against the best simple method",
                 {},
                 [session = source.gathered.session, fits, paper = source.paper](std::size_t) {
                   return plot::unit_scores_picture(session, paper, fits);
                 }});
}

}  // namespace

std::vector<Figure> figures(const Gathered& gathered, const config::PlotRates& settings,
                            const plot::Paper& paper) {
  Figures all;
  const Source source{gathered, paper};
  const std::map<std::string, std::function<void()>> others{
      {"calibration", [&] { add_calibration(all, source); }},
      {"inputs", [&] { add_inputs(all, source); }},
      {"losses", [&] { add_losses(all, source, settings.log_loss); }},
      {"population", [&] { add_population(all, source); }},
      {"scores", [&] { add_scores(all, source); }},
      {"unit_scores", [&] { add_unit_scores(all, source); }},
      {"truth", [&] { add_truth(all, source); }},
  };
  for (const std::string& name : settings.select) {
    if (const auto region = region_figures.find(name); region != region_figures.end()) {
      add_regions(all, source, name, region->second);
    } else if (const auto unit = unit_figures.find(name); unit != unit_figures.end()) {
      add_units(all, source, name, unit->second);
    } else {
      others.at(name)();
    }
  }
  return all;
}

}  // namespace rnn_rates::plot_rates
