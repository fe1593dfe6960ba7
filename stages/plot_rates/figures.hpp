#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plot/figures.hpp"
#include "plot/gnuplot.hpp"
#include "plot_rates/gather.hpp"

namespace rnn_rates::plot_rates {

/// All that figures of one session are drawn from.
struct Gathered {
  std::string session;
  std::vector<plot::RegionRates> regions;
  std::vector<plot::RegionRates> chosen = {};  ///< what figures show of them, unless it is all; see choose()
  std::vector<plot::FitLosses> losses;
  inference::SessionScores scores;
  std::map<std::string, std::string> fit_titles = {};                ///< by the fit's name
  std::map<std::string, std::vector<std::uint32_t>> fit_units = {};  ///< likewise
  std::vector<plot::FitInputs> inputs = {};                          ///< where that figure is asked for
  std::vector<plot::FitCalibration> calibrations;

  const std::vector<plot::RegionRates>& shown() const { return chosen.empty() ? regions : chosen; }
};

/// One file, without its extension. One with pages becomes a PDF with all of them, or a file for each where
/// the settings ask for single files.
struct Figure {
  std::string file;  ///< relative to plots/
  std::string description;
  std::vector<std::string> pages;  ///< names of the single files; empty: one picture
  std::function<plot::Picture(std::size_t page)> make;
};

/// A method's name at length, such as "Gaussian kernel".
std::string method_title(std::string_view name);

/// The figures that the settings select, which refer to `gathered`.
std::vector<Figure> figures(const Gathered& gathered, const config::PlotRates& settings,
                            const plot::Paper& paper);

struct Drawn {
  std::map<std::string, std::string> files;  ///< digest by path relative to the folder of the pictures
  std::size_t left;                          ///< how many a stop kept from being made, `besides` among them
};

/// Draws the figures, whose files say what they are `made_from`, into `plots`, but for the files of `kept`
/// (digest by relative path), which are there. Each thread has a gnuplot of its own. Stops between two files
/// once a stop is asked for. `besides` is done at the same time as the drawing; may be empty.
Drawn draw(const run::Context& context, const config::PlotRates& settings, const std::vector<Figure>& figures,
           const std::string& made_from, const std::filesystem::path& plots,
           const std::map<std::string, std::string>& kept, const std::function<void()>& besides);

}  // namespace rnn_rates::plot_rates
