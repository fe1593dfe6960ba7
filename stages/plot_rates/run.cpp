#include "plot_rates/run.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "core/atomic_file.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/stop.hpp"
#include "core/version.hpp"
#include "plot_rates/choose.hpp"
#include "plot_rates/compare.hpp"
#include "plot_rates/dataset.hpp"
#include "plot_rates/figures.hpp"
#include "plot_rates/gather_methods.hpp"
#include "plot_rates/manifest.hpp"
#include "plot_rates/report.hpp"

namespace rnn_rates::plot_rates {
namespace {

namespace fs = std::filesystem;

/// The page as the manifest, in plots/, calls it.
const std::string page_file = "../report.html";

/// Digest of what the page shows besides the inputs: its links, and whether it has charts.
std::string page_digest(const run::Context& context, const run::SessionFolder& session) {
  Digest digest;
  for (const plot::PageLink& link : page_links(context, session)) {
    digest.add_text(link.label);
    digest.add_text(link.path);
  }
  digest.add_text(plot::has_charts() ? "charts" : "pictures");
  return digest.hex();
}

Gathered gather(const run::SessionFolder& session, const Inputs& inputs, const config::PlotRates& settings) {
  const artifact::SessionBins bins = artifact::read(inputs.bins, artifact::bins, artifact::read_bins);
  const auto spikes = h5::reading([&] { return artifact::read_spikes(inputs.bins.file, bins); });
  const std::string& word = settings.condition_word;
  Gathered gathered{.session = session.id,
                    .regions = gather_regions(session.id, bins, spikes, inputs.fits, word),
                    .losses = gather_losses(session.id, bins, inputs, word),
                    .scores = artifact::read(inputs.rates, artifact::rates, artifact::read_scores),
                    .calibrations = gather_calibrations(bins, inputs.fits, word)};
  add_methods(inputs.rates, inputs.fits, gathered.regions);
  add_unit_scores(gathered.scores, inputs.fits, gathered.regions);
  gathered.chosen = choose(gathered.regions, bins, settings);
  gathered.fit_titles["session"] = "the session";
  for (const inference::FitRates& fit : inputs.fits) {
    gathered.fit_titles[fit.name()] = fit_title(fit, bins, word);
    gathered.fit_units[fit.name()] = fit.units;
  }
  if (std::find(settings.select.begin(), settings.select.end(), "inputs") != settings.select.end())
    gathered.inputs = gather_inputs(session, bins, inputs, word);
  return gathered;
}

/// Those of a manifest's files that were drawn, and are there.
std::map<std::string, std::string> files_there(const run::SessionFolder& session, const Manifest& manifest) {
  std::map<std::string, std::string> files = manifest.files;
  std::erase_if(files, [&](const auto& file) {
    return file.second.empty() || !fs::exists(session.plots() / file.first);
  });
  return files;
}

/// Keeps what was drawn before a stop for the next run to go on from, and what was there before it to be
/// removed at the end.
[[noreturn]] void end_stopped(const run::SessionFolder& session, const Manifest& earlier, Manifest manifest,
                              std::size_t left) {
  const std::size_t done = manifest.files.size();
  for (const auto& [file, digest] : earlier.files) manifest.files.try_emplace(file);
  manifest.page_digest.clear();
  write_manifest(session.plots(), manifest);
  throw Error(ErrorKind::stopped, "{}: stopped by {}, {} of {} files drawn: run again to continue",
              session.id, stop_reason(), done, done + left);
}

void remove_undrawn(const fs::path& plots, const std::map<std::string, std::string>& earlier,
                    const std::map<std::string, std::string>& now) {
  for (const auto& [file, digest] : earlier) {
    const bool ours = fs::path(file).is_relative() && file.find("..") == std::string::npos;
    std::error_code ignored;
    if (ours && !now.contains(file)) fs::remove(plots / file, ignored);
  }
}

/// For the properties of pictures.
std::string made_from(const run::Context& context, const run::SessionFolder& session, const Inputs& inputs) {
  return fmt::format("Session {}, rates.h5 with content digest {}, drawn by {} {} ({}).", session.id,
                     inputs.rates.header.content_digest, context.stage, program_version(), git_commit());
}

/// Draws one figure beside what is there; whether all is up to date stays as it was. One for print goes to a
/// folder of its own, and is the user's from then on.
void draw_one(const run::Context& context, const config::PlotRates& settings,
              const run::SessionFolder& session, const Inputs& inputs, const Options& options) {
  config::PlotRates only = settings;
  only.select = {options.figure};
  only.single_files = only.single_files || options.print;
  const Gathered gathered = gather(session, inputs, only);
  const std::vector<Figure> drawn = figures(gathered, only, options.print.value_or(plot::Paper()));
  if (drawn.empty()) {
    throw Error(ErrorKind::input, "{}: session {} has nothing to draw as figure '{}'",
                session.rates().string(), session.id, options.figure);
  }
  const fs::path folder = options.print ? session.plots() / "print" : session.plots();
  create_folders_below(session.out, folder);
  const Drawn now = draw(context, only, drawn, made_from(context, session, inputs), folder, {}, {});
  if (now.left > 0) end_if_stop_requested();
  for (const auto& [file, digest] : now.files) spdlog::info("{} drawn", (folder / file).string());
  if (options.print) return;
  Manifest manifest = read_manifest(session.plots());
  for (const auto& [file, digest] : now.files) manifest.files[file] = digest;
  write_manifest(session.plots(), manifest);
}

}  // namespace

double parse_width_mm(const std::string& text) {
  constexpr double least_mm = 40.0, most_mm = 1000.0;
  double width = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const double mm = unit == "mm" ? 1.0 : unit == "cm" ? 10.0 : unit == "in" ? 25.4 : 0.0;
  if (error != std::errc() || !(width * mm >= least_mm) || width * mm > most_mm)
    throw Error(ErrorKind::usage, "--width {}: expected 40mm to 1000mm, such as 85mm, 8.5cm or 3.35in", text);
  return width * mm;
}

run::SessionReport Stage::run(const run::Context& context, const run::SessionFolder& session,
                              const mpi::Group&) {
  const config::PlotRates& settings = settings_of(context);
  Inputs inputs = open_inputs(session);
  run::warn_of_other_settings(context, inputs.rates, artifact::rates);
  if (!options_.figure.empty() && !context.options.dry_run) {
    inputs.fits = artifact::read(inputs.rates, artifact::rates, artifact::read_rates);
    draw_one(context, settings, session, inputs, options_);
    return {{{session.plots(), run::OutputState::computed}}};
  }
  const Manifest earlier = read_manifest(session.plots());
  Manifest manifest{depends_digest(context, inputs), page_digest(context, session), {}, {}};
  std::map<std::string, std::string> kept;
  if (!context.options.force && earlier.depends_digest == manifest.depends_digest)
    kept = files_there(session, earlier);
  const bool pictures_done =
      !kept.empty() && kept.size() == earlier.files.size() && !earlier.page_digest.empty();
  if (pictures_done && earlier.page_digest == manifest.page_digest) {
    spdlog::info("{} is up to date", session.plots().string());
    return {{{session.plots(), run::OutputState::up_to_date}}};
  }
  if (context.options.dry_run) {
    spdlog::info("{} would be drawn", session.plots().string());
    return {{{session.plots(), run::OutputState::to_do}}};
  }
  inputs.fits = artifact::read(inputs.rates, artifact::rates, artifact::read_rates);
  const Gathered gathered = gather(session, inputs, settings);
  const std::vector<Figure> selected = figures(gathered, settings, {});
  const auto page = [&] {
    const plot::SessionPage shown = session_page(context, settings, session, inputs, gathered, selected);
    write_file(session.report(), plot::session_page_html(shown));
  };
  if (pictures_done) {
    manifest.files = earlier.files;
  } else {
    Drawn drawn = draw(context, settings, selected, made_from(context, session, inputs), session.plots(),
                       kept, plot::has_charts() ? std::function<void()>(page) : std::function<void()>());
    manifest.files = std::move(drawn.files);
    if (drawn.left > 0) end_stopped(session, earlier, std::move(manifest), drawn.left);
  }
  if (pictures_done || !plot::has_charts()) page();
  manifest.files[page_file] = digest_of_drawn(session.report());
  manifest.summary = session_summary(session, gathered);
  remove_undrawn(session.plots(), earlier.files, manifest.files);
  write_manifest(session.plots(), manifest);
  spdlog::info("{} files in {}, and {}", manifest.files.size() - 1, session.plots().string(),
               session.report().string());
  return {{{session.plots(), run::OutputState::computed}}};
}

void Stage::verify_more(const run::Context&, const run::SessionFolder& session) {
  const Manifest manifest = read_manifest(session.plots());
  if (manifest.files.empty()) {
    throw Error(ErrorKind::input, "{}: holds no list of pictures. Run plot_rates --force first.",
                session.plots().string());
  }
  if (manifest.page_digest.empty()) {
    throw Error(ErrorKind::input, "{}: not all pictures are drawn. Run plot_rates again.",
                session.plots().string());
  }
  for (const auto& [file, digest] : manifest.files) {
    if (file_digest(session.plots() / file) == digest) continue;
    throw Error(ErrorKind::input, "{}: is not the file that was made. Run plot_rates --force again.",
                (session.plots() / file).string());
  }
}

void Stage::after_sessions(const run::Context& context) {
  write_dataset_page(context, settings_of(context));
  if (!options_.compare.empty()) write_comparison(context, options_.compare);
}

}  // namespace rnn_rates::plot_rates
