#pragma once

#include <map>
#include <string>
#include <vector>

#include "plot_rates/figures.hpp"

namespace rnn_rates::plot_rates {

constexpr double png_pixel_ratio = 1.5;

struct Drawn {
  std::map<std::string, std::string> files;  ///< digest by path relative to the folder of the pictures
  std::size_t left;                          ///< how many a stop kept from being made, `besides` among them
};

/// Draws the figures into `plots`, but for the files of `kept` (digest by relative path), which are there.
/// Each thread has a gnuplot of its own. Stops between two files once a stop is asked for. `besides` is done
/// at the same time as the drawing; may be empty.
Drawn draw(const run::Context& context, const config::PlotRates& settings, const std::vector<Figure>& figures,
           const std::filesystem::path& plots, const std::map<std::string, std::string>& kept,
           const std::function<void()>& besides);

}  // namespace rnn_rates::plot_rates
