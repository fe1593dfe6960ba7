#include "plot_rates/run.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "artifact/artifact.hpp"
#include "cli/progress.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "plot/gnuplot.hpp"
#include "plot/losses.hpp"
#include "plot/mean_rates.hpp"
#include "plot/true_rates.hpp"
#include "plot/unit_rates.hpp"
#include "plot_rates/gather.hpp"
#include "plot_rates/manifest.hpp"

namespace rnn_rates::plot_rates {
namespace {

namespace fs = std::filesystem;

/// Pictures are not HDF5; their manifest takes the place of an artifact's header.
constexpr artifact::Kind plots_kind{"plots", "plot_rates", 1, 0};
constexpr double png_pixel_ratio = 1.5;

struct Inputs {
  artifact::Opened bins;
  artifact::Opened rates;
  std::vector<std::string> names;             ///< of the fits
  std::vector<artifact::Opened> models;       ///< in the order of the fits
  std::vector<artifact::FitRates> fits = {};  ///< read only to be drawn
};

/// One file to draw.
struct Figure {
  std::string name;  ///< relative to plots/, without extension
  std::function<plot::Picture()> make;
};

Inputs open_inputs(const cli::SessionFolder& session) {
  Inputs inputs{artifact::open(session.bins(), artifact::bins),
                artifact::open(session.rates(), artifact::rates),
                {},
                {}};
  artifact::check_made_from(inputs.rates, artifact::rates, inputs.bins);
  inputs.names = h5::reading([&] { return artifact::rates_fit_names(inputs.rates.file); });
  for (const std::string& fit : inputs.names) {
    inputs.models.push_back(artifact::open(session.model(fit), artifact::model));
    artifact::check_made_from(inputs.rates, artifact::rates, inputs.models.back());
  }
  return inputs;
}

std::string depends_digest(const cli::Context& context, const Inputs& inputs) {
  artifact::Provenance provenance = context.provenance();
  provenance.inputs = {inputs.bins.as_input(artifact::bins), inputs.rates.as_input(artifact::rates)};
  for (const artifact::Opened& model : inputs.models)
    provenance.inputs.push_back(model.as_input(artifact::model));
  return artifact::depends_digest(plots_kind, provenance);
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

std::string truth_note(const Inputs& inputs) {
  for (const artifact::Metric& metric :
       artifact::read(inputs.rates, artifact::rates, artifact::read_metrics)) {
    if (metric.name == "true_r2_rnn") return fmt::format("R² {:.2f} over all units and trials", metric.value);
  }
  return "";
}

/// "units/region_gc_unit_003"
std::string unit_file(const plot::RegionRates& region, std::size_t unit) {
  std::string name = region.units[unit];
  std::replace(name.begin(), name.end(), ' ', '_');
  return "units/region_" + region.region + "_" + name;
}

/// All figures that the settings select. They refer to `inputs` and `regions`.
std::vector<Figure> figures(const cli::Context& context, const cli::SessionFolder& session,
                            const Inputs& inputs, const std::vector<plot::RegionRates>& regions) {
  const auto& select = context.config.plots.select;
  const auto selected = [&](const char* name) {
    return std::find(select.begin(), select.end(), name) != select.end();
  };
  std::vector<Figure> all;
  for (std::size_t i = 0; selected("losses") && i < inputs.fits.size(); ++i) {
    all.push_back({"losses_" + inputs.fits[i].name, [&, i] {
                     const artifact::FitModel model =
                         artifact::read(inputs.models[i], artifact::model, artifact::read_model);
                     return plot::losses_picture(gather_losses(session.id, inputs.fits[i].name, model), true);
                   }});
  }
  for (const plot::RegionRates& region : regions) {
    if (selected("mean_rates")) {
      all.push_back({"mean_rates_region_" + region.region, [&] { return plot::mean_rates_picture(region); }});
    }
    if (selected("truth") && region.tastes.front().true_rate_hz.size() > 0) {
      all.push_back({"true_rates_region_" + region.region, [&] {
                       return plot::true_rates_picture(region, plot::most_modulated_units(region, 3),
                                                       first_trials(region, 4), truth_note(inputs));
                     }});
    }
    for (std::size_t unit = 0; selected("units") && unit < region.units.size(); ++unit) {
      all.push_back({unit_file(region, unit), [&, unit] { return plot::unit_rates_picture(region, unit); }});
    }
  }
  return all;
}

plot::Format format_of(const std::string& name) {
  return name == "svg" ? plot::Format::svg : name == "pdf" ? plot::Format::pdf : plot::Format::png;
}

void draw(const cli::Context& context, const cli::SessionFolder& session, const std::vector<Figure>& figures,
          std::map<std::string, std::string>& files) {
  const plot::Format format = format_of(context.config.plots.format);
  create_folders(session.plots() / "units");
  plot::Gnuplot gnuplot(png_pixel_ratio);
  cli::Progress progress("pictures", figures.size(), context.shows_own_progress());
  for (const Figure& figure : figures) {
    const std::string file = fmt::format("{}.{}", figure.name, plot::extension(format));
    gnuplot.draw(figure.make(), session.plots() / file, format);
    files[file] = file_digest(session.plots() / file);
    progress.add(1);
  }
  const std::string said = gnuplot.finish();
  if (!said.empty()) spdlog::warn("gnuplot said: {}", said);
}

void remove_undrawn(const fs::path& plots, const std::map<std::string, std::string>& earlier,
                    const std::map<std::string, std::string>& now) {
  for (const auto& [file, digest] : earlier) {
    const bool ours = fs::path(file).is_relative() && file.find("..") == std::string::npos;
    std::error_code ignored;
    if (ours && !now.contains(file)) fs::remove(plots / file, ignored);
  }
}

}  // namespace

cli::SessionReport run(const cli::Context& context, const cli::SessionFolder& session) {
  Inputs inputs = open_inputs(session);
  cli::warn_of_other_settings(context, inputs.rates, artifact::rates);
  const Manifest earlier = read_manifest(session.plots());
  Manifest manifest{depends_digest(context, inputs), {}};
  const bool all_there = std::all_of(earlier.files.begin(), earlier.files.end(), [&](const auto& file) {
    return fs::exists(session.plots() / file.first);
  });
  if (!context.options.force && all_there && earlier.depends_digest == manifest.depends_digest) {
    spdlog::info("{} is up to date", session.plots().string());
    return {{{session.plots(), "up to date", ""}}, {}};
  }
  if (context.options.dry_run) {
    spdlog::info("{} would be drawn", session.plots().string());
    return {{{session.plots(), "to do", ""}}, {}};
  }
  inputs.fits = artifact::read(inputs.rates, artifact::rates, artifact::read_rates);
  const auto regions = gather_regions(
      session.id, artifact::read(inputs.bins, artifact::bins, artifact::read_bins), inputs.fits);
  draw(context, session, figures(context, session, inputs, regions), manifest.files);
  remove_undrawn(session.plots(), earlier.files, manifest.files);
  write_manifest(session.plots(), manifest);
  spdlog::info("{} pictures in {}", manifest.files.size(), session.plots().string());
  return {{{session.plots(), "computed", ""}}, {}};
}

void verify_pictures(const cli::SessionFolder& session) {
  for (const auto& [file, digest] : read_manifest(session.plots()).files) {
    if (file_digest(session.plots() / file) == digest) continue;
    throw Error(ErrorKind::input, "{}: is not the picture that was drawn. Run plot_rates --force again.",
                (session.plots() / file).string());
  }
}

}  // namespace rnn_rates::plot_rates
