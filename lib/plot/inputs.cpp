#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "plot/figures.hpp"
#include "plot/layout.hpp"

namespace rnn_rates::plot {
namespace {

constexpr std::size_t most_inputs = 15;
constexpr Stroke input_stroke{0x0072B2, 1.8};

void check(const FitInputs& inputs) {
  if (inputs.values.size() > 0 && inputs.values.extent(2) == inputs.time_ms.size() &&
      inputs.values.extent(0) == inputs.trial_numbers.size() &&
      inputs.values.extent(1) == inputs.names.size() && inputs.pulse.size() == inputs.time_ms.size() &&
      (inputs.laser.size() == 0 || (inputs.laser.extent(0) == inputs.values.extent(0) &&
                                    inputs.laser.extent(1) == inputs.values.extent(2))))
    return;
  throw Error(ErrorKind::bug, "inputs of {} disagree in shape or are empty", inputs.fit);
}

/// Drawn as the steps that it is, one bin wide each.
Panel pulse_panel(const FitInputs& inputs, const Rect& frame) {
  std::vector<float> steps;
  for (std::size_t bin = 0; bin < inputs.pulse.size(); ++bin) {
    const auto from = static_cast<float>(inputs.time_ms[bin] - inputs.bin_ms / 2.0);
    const auto to = static_cast<float>(inputs.time_ms[bin] + inputs.bin_ms / 2.0);
    steps.insert(steps.end(), {from, inputs.pulse[bin], to, inputs.pulse[bin]});
  }
  Panel panel(frame, time_axis(frame, inputs.time_ms, inputs.bin_ms), Axis{-0.05, 1.1, {0.0, 1.0}});
  panel.lines(steps, input_stroke);
  return panel;
}

Panel trial_panel(const FitInputs& inputs, const Rect& frame) {
  const auto trials = static_cast<double>(inputs.trial_numbers.size());
  std::vector<float> points;
  for (std::size_t trial = 0; trial < inputs.trial_numbers.size(); ++trial) {
    points.insert(points.end(), {static_cast<float>(trial + 1), inputs.trial_numbers[trial]});
  }
  // From 0 to 1, or centred.
  const float least = *std::min_element(inputs.trial_numbers.begin(), inputs.trial_numbers.end());
  const double first = least < 0.0F ? -0.5 : 0.0;
  Panel panel(frame, Axis{0.5, trials + 0.5, round_ticks(1.0, trials, 5)},
              Axis{first - 0.05, first + 1.1, {first, first + 1.0}});
  panel.dots(points, input_stroke.colour, 4.0);
  return panel;
}

}  // namespace

Picture inputs_picture(const FitInputs& inputs, const Paper& paper) {
  check(inputs);
  const std::size_t shown = std::min(inputs.values.extent(1), most_inputs);
  const bool has_laser = inputs.laser.size() > 0;
  const std::string of = inputs.names.size() > shown
                             ? fmt::format(", first {} of {} {}", shown, inputs.names.size(), inputs.kind)
                             : "";
  const Heading heading{"Inputs of the network of " + inputs.fit,
                        inputs.session + of + "; heat maps: trials by time, standardised",
                        {}};
  PanelGrid grid{
      .panel_height_px = 120.0, .right_px = 66.0, .titles_px = 40.0, .gap_x_px = 40.0, .gap_y_px = 50.0};
  const std::size_t panels_needed = shown + (has_laser ? 3 : 2);
  grid.columns = grid.columns_that_fit(paper, 150.0, panels_needed);
  grid.rows = (panels_needed + grid.columns - 1) / grid.columns;
  grid.fit(paper, heading);
  Picture picture = grid.picture(paper, heading);
  Extent extent;
  extent.include_most(inputs.values.values(), 0.99);
  ColourScale scale = ColourScale::diverging(std::max({-extent.low(), extent.high(), 1e-6}));
  Extent all;
  all.include(inputs.values.values());
  if (!all.empty()) scale.drawing(all.low(), all.high());
  std::size_t panels = 0;
  const auto add = [&](const std::string& title, const auto& make) {
    const Rect frame = grid.frame(panels++);
    picture.add(make(frame));
    add_panel_name(picture, frame, title);
  };
  const auto heat = [&](const Rect& frame, const Array<float, 2>& values, const ColourScale& colours) {
    return heat_panel(frame, time_axis(frame, inputs.time_ms, inputs.bin_ms),
                      {values, inputs.time_ms.front(), inputs.bin_ms}, colours, true);
  };
  add("stimulus pulse", [&](const Rect& frame) { return pulse_panel(inputs, frame); });
  add("trial number", [&](const Rect& frame) {
    picture.text(frame.left + frame.width / 2.0, frame.bottom() + 30.0, "trial",
                 {.size_px = 11.0, .align = Align::centre});
    return trial_panel(inputs, frame);
  });
  if (has_laser) {
    add("laser (black: on)",
        [&](const Rect& frame) { return heat(frame, inputs.laser, ColourScale::grey(0.0, 1.0)); });
  }
  for (std::size_t input = 0; input < shown; ++input) {
    add(inputs.names[input],
        [&](const Rect& frame) { return heat(frame, unit_values(inputs.values, input), scale); });
  }
  add_colour_bar(picture, grid.frame(grid.columns - 1), scale, inputs.kind == "units" ? "z" : "score");
  for (std::size_t row = 1; row < grid.rows; ++row) add_row_label(picture, grid, row, "trial");
  return picture;
}

}  // namespace rnn_rates::plot
