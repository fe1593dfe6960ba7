#include <CLI/CLI.hpp>

#include "cli/run_stage.hpp"
#include "config/keys.hpp"
#include "plot_rates/run.hpp"

namespace {

using rnn_rates::plot::Paper;
using rnn_rates::plot_rates::Options;

/// A figure for print has no title, and starts from the usual paper.
Paper& print_of(Options& options) {
  if (!options.print) options.print = Paper{.titled = false, .png_dpi = 300.0};
  return *options.print;
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--compare", options.compare,
                 "also write OUT/compare.html: settings, scores and pages beside those of another --out")
      ->type_name("OTHER_OUT")
      ->check(CLI::ExistingDirectory)
      ->needs("--out");
  auto* figure =
      app.add_option("--figure", options.figure,
                     "draw this one only, beside the pictures that are there (docs/figures.md shows each)")
          ->type_name("NAME")
          ->check(CLI::IsMember(rnn_rates::config::figure_names()));
  app.add_option_function<std::string>(
         "--width",
         [&options](const std::string& text) {
           print_of(options).width_mm = rnn_rates::plot_rates::parse_width_mm(text);
         },
         "a figure for print of this width, such as 85mm, without title, in plots/print/")
      ->type_name("WIDTH")
      ->needs(figure);
  app.add_option_function<double>(
         "--font", [&options](double font_pt) { print_of(options).font_pt = font_pt; },
         "of a figure for print: size of its labels (7)")
      ->type_name("POINTS")
      ->check(CLI::Range(5.5, 24.0))
      ->needs(figure);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace rnn_rates;
  Options options;
  plot_rates::Stage stage(options);
  return cli::run_stage(
      argc, argv,
      {.summary = "Draws each session's figures into plots/ and its page report.html.",
       .examples = {"plot_rates -c configs/reference.toml SESSION_DIR",
                    "plot_rates --figure units --width 85mm --font 7 --units 10,31 --format svg SESSION_DIR"},
       .settings = {{"format", "plots.format", "png, svg or pdf"},
                    {"conditions", "plots.conditions", "names of those to draw, such as sucrose,nacl"},
                    {"units", "plots.units", "numbers of those to draw, such as 10,31"},
                    {"trials", "plots.trials", "numbers of those to draw, such as 1-10,15"},
                    {"sort-trials", "plots.sort_trials",
                     "number, rate, latent or a column of the trials' table"}},
       .add_options = [&](CLI::App& app) { add_options(app, options); }},
      stage);
}
