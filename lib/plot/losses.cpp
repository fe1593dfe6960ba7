#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/error.hpp"
#include "plot/figures.hpp"
#include "plot/layout.hpp"

namespace rnn_rates::plot {
namespace {

constexpr std::size_t most_points = 100;
constexpr Stroke train_stroke{0xB4BFC7, 1.0};
constexpr double validation_width_px = 1.8, most_linear = 3.0;

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

/// A network of its own colour and dashes.
Stroke network_stroke(std::size_t network) { return taste_stroke(network, validation_width_px); }

/// Training losses are means of blocks, whose noise would hide the validation.
std::vector<float> train_curve(const FitLosses& network) { return block_means(network.train, most_points); }

/// Logarithmic only where losses fall so far that it matters.
Axis loss_axis(const Networks& fit, bool logarithmic) {
  Extent extent;
  for (const FitLosses* network : fit) {
    const std::vector<float> points = train_curve(*network);
    for (std::size_t i = 1; i < points.size(); i += 2) extent.include(static_cast<double>(points[i]));
    extent.include(network->validation);
  }
  const bool useful = !extent.empty() && extent.low() > 0.0 && extent.high() > most_linear * extent.low();
  return logarithmic && useful ? logarithmic_axis(extent) : linear_axis(extent, 6);
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

/// Loss at the best step, if it was validated.
std::optional<float> best_loss(const FitLosses& losses) {
  const auto found =
      std::find(losses.validation_steps.begin(), losses.validation_steps.end(), losses.best_step);
  if (found == losses.validation_steps.end()) return std::nullopt;
  return losses.validation[static_cast<std::size_t>(found - losses.validation_steps.begin())];
}

/// "best: step 700, 0.697", or of several networks their steps.
std::string best_label(const Networks& fit) {
  if (fit.size() == 1) {
    const std::optional<float> loss = best_loss(*fit.front());
    if (loss) return fmt::format("best: step {}, {:.4g}", fit.front()->best_step, *loss);
    return fit.front()->best_step > 0 ? fmt::format("best: step {}", fit.front()->best_step) : "";
  }
  std::vector<std::uint32_t> steps;
  for (const FitLosses* network : fit) {
    if (best_loss(*network)) steps.push_back(network->best_step);
  }
  return steps.empty() ? "" : fmt::format("best: steps {}", fmt::join(steps, ", "));
}

void draw_fit(Picture& picture, const Networks& fit, const Rect& frame, bool logarithmic) {
  Panel panel(frame, step_axis(fit, frame.width), loss_axis(fit, logarithmic));
  for (const FitLosses* network : fit) panel.lines(train_curve(*network), train_stroke);
  for (std::size_t i = 0; i < fit.size(); ++i) {
    std::vector<float> validation;
    for (std::size_t at = 0; at < fit[i]->validation.size(); ++at) {
      validation.insert(validation.end(),
                        {static_cast<float>(fit[i]->validation_steps[at]), fit[i]->validation[at]});
    }
    panel.lines(validation, network_stroke(i));
  }
  // Above all lines, each with a ring, and smaller from one to the next, so that none hides another.
  for (std::size_t i = 0; i < fit.size(); ++i) {
    const std::optional<float> loss = best_loss(*fit[i]);
    if (!loss) continue;
    const std::array best{static_cast<float>(fit[i]->best_step), *loss};
    const double size_px = std::max(11.0 - 1.5 * static_cast<double>(i), 5.0);
    panel.dots(best, ink, size_px);
    panel.dots(best, network_stroke(i).colour, size_px - 3.0);
  }
  const std::string title =
      fit.size() == 1 ? fit.front()->fit : fmt::format("{}, {} networks", fit.front()->fit, fit.size());
  add_panel_name(picture, frame, title);
  picture.text(frame.right(), frame.top + 8.0, best_label(fit), {.size_px = 11.0, .align = Align::right});
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

Picture losses_picture(std::span<const FitLosses> losses, const Paper& paper, bool logarithmic) {
  if (losses.empty()) throw Error(ErrorKind::bug, "no losses to draw");
  for (const FitLosses& network : losses) {
    if (network.validation_steps.size() == network.validation.size()) continue;
    throw Error(ErrorKind::bug, "{} validation losses at {} steps", network.validation.size(),
                network.validation_steps.size());
  }
  const std::vector<Networks> fits = by_fit(losses);
  const bool several =
      std::any_of(fits.begin(), fits.end(), [](const Networks& fit) { return fit.size() > 1; });
  std::vector<Stroke> validation;
  for (std::size_t i = 0; i < (several ? std::size_t{4} : std::size_t{1}); ++i)
    validation.push_back(network_stroke(i));
  const Heading heading{"Losses",
                        losses.front().session + "; training losses as means of blocks of steps",
                        {{"training", {train_stroke}},
                         {several ? "validation, a line for each network" : "validation", validation},
                         {"best step, ringed", {{ink, 9.0}}}},
                        "training step"};
  PanelGrid grid{.panel_height_px = fits.size() == 1 ? 260.0 : 170.0,
                 .left_px = 76.0,
                 .gap_x_px = 64.0,
                 .gap_y_px = 46.0};
  grid.columns = grid.columns_that_fit(paper, 250.0, fits.size());
  grid.rows = (fits.size() + grid.columns - 1) / grid.columns;
  grid.fit(paper, heading);
  Picture picture = grid.picture(paper, heading);
  for (std::size_t row = 0; row < grid.rows; ++row)
    add_row_label(picture, grid, row,
                  losses.front().unit.empty() ? "loss" : "loss (" + losses.front().unit + ")");
  for (std::size_t fit = 0; fit < fits.size(); ++fit)
    draw_fit(picture, fits[fit], grid.frame(fit), logarithmic);
  return picture;
}

}  // namespace rnn_rates::plot
