#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "plot/figures.hpp"
#include "plot/layout.hpp"

namespace rnn_rates::plot {
namespace {

constexpr std::size_t most_points = 2000;
constexpr Stroke train_stroke{0x8A9BA8, 1.2}, validation_stroke{0xD55E00, 2.0},
    best_stroke{ink, 1.0, 1.0, true};

using Networks = std::vector<const FitLosses*>;

/// The networks of each fit, fits in order of their first.
std::vector<Networks> by_fit(std::span<const FitLosses> losses) {
  std::vector<Networks> fits;
  for (const FitLosses& network : losses) {
    const auto found = std::find_if(fits.begin(), fits.end(),
                                    [&](const Networks& fit) { return fit.front()->fit == network.fit; });
    if (found == fits.end()) {
      fits.push_back({&network});
    } else {
      found->push_back(&network);
    }
  }
  return fits;
}

Axis loss_axis(const Networks& fit, bool logarithmic) {
  Extent extent;
  for (const FitLosses* network : fit) {
    extent.include(network->train);
    extent.include(network->validation);
  }
  return logarithmic && !extent.empty() && extent.low() > 0.0 ? logarithmic_axis(extent)
                                                              : linear_axis(extent, 6);
}

Axis step_axis(const Networks& fit, double width_px) {
  std::size_t last = 1;
  for (const FitLosses* network : fit) {
    last = std::max(last, network->train.size());
    if (!network->validation_steps.empty())
      last = std::max<std::size_t>(last, network->validation_steps.back());
  }
  Axis steps;
  steps.last = static_cast<double>(last);
  steps.ticks = round_ticks(0.0, steps.last, static_cast<std::size_t>(width_px / 62.0));
  return steps;
}

/// Marks the best step; where there is one network only, says its loss beside the line.
void mark_best(Picture& picture, Panel& panel, const FitLosses& losses, const Axis& steps, const Rect& frame,
               bool say) {
  const auto found =
      std::find(losses.validation_steps.begin(), losses.validation_steps.end(), losses.best_step);
  if (losses.best_step == 0 && found == losses.validation_steps.end()) return;
  std::string label = fmt::format("best: step {}", losses.best_step);
  if (found != losses.validation_steps.end()) {
    const float loss = losses.validation[static_cast<std::size_t>(found - losses.validation_steps.begin())];
    label += fmt::format(", {:.4g}", loss);
    panel.dots(std::array{static_cast<float>(losses.best_step), loss}, best_stroke.colour, 8.0);
  }
  if (!say) return;
  panel.vertical(losses.best_step, best_stroke);
  const double share = (losses.best_step - steps.first) / (steps.last - steps.first);
  const double x = frame.left + share * frame.width;
  const bool before = share > 0.5;
  picture.text(before ? x - 7.0 : x + 7.0, frame.top + 10.0, label,
               {.size_px = 12.0, .align = before ? Align::right : Align::left});
}

void draw_fit(Picture& picture, const Networks& fit, const Rect& frame, bool logarithmic) {
  const Axis steps = step_axis(fit, frame.width);
  Panel panel(frame, steps, loss_axis(fit, logarithmic));
  for (const FitLosses* network : fit) panel.lines(block_means(network->train, most_points), train_stroke);
  for (const FitLosses* network : fit) {
    std::vector<float> validation;
    for (std::size_t i = 0; i < network->validation.size(); ++i) {
      validation.insert(validation.end(),
                        {static_cast<float>(network->validation_steps[i]), network->validation[i]});
    }
    panel.lines(validation, validation_stroke);
    if (network->validation.size() <= 40) panel.dots(validation, validation_stroke.colour, 5.0);
    mark_best(picture, panel, *network, steps, frame, fit.size() == 1);
  }
  const std::string title =
      fit.size() == 1 ? fit.front()->fit : fmt::format("{}, {} networks", fit.front()->fit, fit.size());
  add_panel_name(picture, frame, title);
  picture.add(panel);
}

}  // namespace

std::vector<float> block_means(std::span<const float> losses, std::size_t most) {
  const std::size_t block = (losses.size() + most - 1) / most;
  std::vector<float> points;
  for (std::size_t first = 0; first < losses.size(); first += block) {
    const std::size_t end = std::min(first + block, losses.size());
    double sum = 0.0;
    for (std::size_t i = first; i < end; ++i) sum += static_cast<double>(losses[i]);
    points.insert(points.end(), {static_cast<float>(first + 1 + end) / 2.0F,
                                 static_cast<float>(sum / static_cast<double>(end - first))});
  }
  return points;
}

Picture losses_picture(std::span<const FitLosses> losses, bool logarithmic) {
  if (losses.empty()) throw Error(ErrorKind::bug, "no losses to draw");
  for (const FitLosses& network : losses) {
    if (network.validation_steps.size() == network.validation.size()) continue;
    throw Error(ErrorKind::bug, "{} validation losses at {} steps", network.validation.size(),
                network.validation_steps.size());
  }
  const std::vector<Networks> fits = by_fit(losses);
  PanelGrid grid{.panel_width_px = fits.size() == 1 ? 660.0 : 440.0,
                 .panel_height_px = fits.size() == 1 ? 300.0 : 220.0,
                 .left_px = 72.0,
                 .gap_x_px = 60.0,
                 .gap_y_px = 52.0};
  grid.arrange(fits.size(), 1.6);
  Picture picture = grid.picture();
  add_titles(picture, grid, "Losses", losses.front().session,
             {{"training", {train_stroke}}, {"validation", {validation_stroke}}}, "training step");
  for (std::size_t row = 0; row < grid.rows; ++row) add_row_label(picture, grid, row, "loss");
  for (std::size_t fit = 0; fit < fits.size(); ++fit)
    draw_fit(picture, fits[fit], grid.frame(fit), logarithmic);
  return picture;
}

}  // namespace rnn_rates::plot
