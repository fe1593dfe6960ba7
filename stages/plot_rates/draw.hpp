#pragma once

#include <map>
#include <string>
#include <vector>

#include "plot_rates/figures.hpp"

namespace rnn_rates::plot_rates {

constexpr double png_pixel_ratio = 1.5;

/// How pictures become files.
struct DrawSettings {
  plot::Format format = plot::Format::png;
  bool single_files = false;  ///< of figures with pages
  std::size_t threads = 1;    ///< each with a gnuplot of its own
  bool show_progress = true;
};

struct Drawn {
  std::map<std::string, std::string> files;  ///< digest by path relative to the folder of the pictures
  std::size_t left;                          ///< how many a stop kept from being made, `besides` among them
};

/// Draws the figures into `plots`, but for the files of `kept` (digest by relative path), which are there.
/// Stops between two files once a stop is asked for. `besides` is done at the same time as the drawing; may
/// be empty.
Drawn draw(const std::vector<Figure>& figures, const std::filesystem::path& plots,
           const DrawSettings& settings, const std::map<std::string, std::string>& kept,
           const std::function<void()>& besides);

}  // namespace rnn_rates::plot_rates
