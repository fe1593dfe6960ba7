#include "plot/losses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double width_px = 760.0, height_px = 420.0;
constexpr Rect frame{72.0, 66.0, width_px - 72.0 - 24.0, height_px - 66.0 - 52.0};
constexpr std::size_t most_points = 2000;
constexpr Stroke train_stroke{0x8A9BA8, 1.2}, validation_stroke{0xD55E00, 2.0},
    best_stroke{ink, 1.0, 1.0, true};

Axis loss_axis(const FitLosses& losses, bool logarithmic) {
  Extent extent;
  extent.include(losses.train);
  extent.include(losses.validation);
  return logarithmic && !extent.empty() && extent.low() > 0.0 ? logarithmic_axis(extent)
                                                              : linear_axis(extent, 6);
}

/// Marks the best step and says its loss beside the line.
void mark_best(Picture& picture, Panel& panel, const FitLosses& losses, const Axis& steps) {
  panel.vertical(losses.best_step, best_stroke);
  std::string label = fmt::format("best: step {}", losses.best_step);
  const auto found =
      std::find(losses.validation_steps.begin(), losses.validation_steps.end(), losses.best_step);
  if (found != losses.validation_steps.end()) {
    const float loss = losses.validation[static_cast<std::size_t>(found - losses.validation_steps.begin())];
    label += fmt::format(", {:.4g}", loss);
    panel.dots(std::array{static_cast<float>(losses.best_step), loss}, best_stroke.colour, 8.0);
  }
  const double share = (losses.best_step - steps.first) / (steps.last - steps.first);
  const double x = frame.left + share * frame.width;
  const bool before = share > 0.6;
  picture.text(before ? x - 7.0 : x + 7.0, frame.top + 10.0, label,
               {.size_px = 12.0, .align = before ? Align::right : Align::left});
}

}  // namespace

std::vector<float> block_means(std::span<const float> losses, std::size_t most) {
  const std::size_t block = (losses.size() + most - 1) / most;
  std::vector<float> points;
  for (std::size_t first = 0; first < losses.size(); first += block) {
    const std::size_t end = std::min(first + block, losses.size());
    double sum = 0.0;
    for (std::size_t i = first; i < end; ++i) sum += static_cast<double>(losses[i]);
    points.push_back(static_cast<float>(first + 1 + end) / 2.0F);
    points.push_back(static_cast<float>(sum / static_cast<double>(end - first)));
  }
  return points;
}

Picture losses_picture(const FitLosses& losses, bool logarithmic) {
  if (losses.validation_steps.size() != losses.validation.size()) {
    throw Error(ErrorKind::bug, "{} validation losses at {} steps", losses.validation.size(),
                losses.validation_steps.size());
  }
  std::vector<float> validation;
  for (std::size_t i = 0; i < losses.validation.size(); ++i) {
    validation.push_back(static_cast<float>(losses.validation_steps[i]));
    validation.push_back(losses.validation[i]);
  }
  Axis steps;
  steps.last = static_cast<double>(std::max<std::size_t>(
      {losses.train.size(), losses.validation_steps.empty() ? 0 : losses.validation_steps.back(), 1}));
  steps.ticks = round_ticks(steps.first, steps.last, 9);

  Panel panel(frame, steps, loss_axis(losses, logarithmic));
  panel.lines(block_means(losses.train, most_points), train_stroke);
  panel.lines(validation, validation_stroke);
  if (losses.validation.size() <= 40) panel.dots(validation, validation_stroke.colour, 5.0);

  Picture picture(width_px, height_px);
  const std::vector<LegendEntry> entries{{"training", {train_stroke}}, {"validation", {validation_stroke}}};
  const double title_width_px = frame.width - Picture::legend_width_px(entries) - 24.0;
  picture.text(frame.left, 22.0, elided("Loss of " + losses.fit, 17.0, frame.width), {.size_px = 17.0});
  picture.text(frame.left, 43.0, elided(losses.session, 12.0, title_width_px), {.colour = quiet_ink});
  picture.legend(frame.right(), 43.0, entries);
  picture.text(frame.left + frame.width / 2.0, height_px - 14.0, "training step", {.align = Align::centre});
  picture.text(18.0, frame.top + frame.height / 2.0, "loss", {.align = Align::centre, .upright = true});
  if (losses.best_step > 0) mark_best(picture, panel, losses, steps);
  picture.add(panel);
  return picture;
}

}  // namespace rnn_rates::plot
