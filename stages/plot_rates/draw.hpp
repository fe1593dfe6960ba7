#pragma once

#include <map>
#include <string>
#include <vector>

#include "plot_rates/figures.hpp"

namespace rnn_rates::plot_rates {

constexpr double png_pixel_ratio = 1.5;

/// "png", "svg" or "pdf", as the settings have it.
plot::Format format_of(const std::string& name);

/// How pictures become files.
struct DrawSettings {
  plot::Format format = plot::Format::png;
  bool single_files = false;  ///< of figures with pages
  std::size_t threads = 1;    ///< each with a gnuplot of its own
  bool show_progress = true;
};

/// Draws the figures into `plots` and returns the files' digests by path relative to it. `besides` is done at
/// the same time as the drawing; may be empty.
std::map<std::string, std::string> draw(const std::vector<Figure>& figures,
                                        const std::filesystem::path& plots, const DrawSettings& settings,
                                        const std::function<void()>& besides);

}  // namespace rnn_rates::plot_rates
