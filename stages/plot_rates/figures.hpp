#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "plot/calibration.hpp"
#include "plot/gnuplot.hpp"
#include "plot_rates/gather.hpp"
#include "plot_rates/inputs.hpp"

namespace rnn_rates::plot_rates {

/// All that figures of one session are drawn from.
struct Gathered {
  std::string session;
  std::vector<plot::RegionRates> regions;
  std::vector<plot::FitLosses> losses;
  inference::SessionScores scores;
  std::map<std::string, std::string> fit_titles;  ///< by the fit's name
  std::vector<plot::FitInputs> inputs;            ///< where that figure is asked for
  std::vector<plot::FitCalibration> calibrations;
};

/// One file, without its extension. One with pages becomes a PDF with all of them, or a file for each where
/// the settings ask for single files.
struct Figure {
  std::string file;  ///< relative to plots/
  std::string description;
  std::vector<std::string> pages;  ///< names of the single files; empty: one picture
  std::function<plot::Picture(std::size_t page)> make;
};

/// The figures called `select`, which refer to `gathered`.
std::vector<Figure> figures(const Gathered& gathered, const config::PlotRates& settings,
                            const std::vector<std::string>& select);

}  // namespace rnn_rates::plot_rates
