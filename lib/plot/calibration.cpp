#include <algorithm>
#include <array>
#include <limits>

#include "core/error.hpp"
#include "plot/figures.hpp"
#include "plot/layout.hpp"

namespace rnn_rates::plot {
namespace {

constexpr Stroke diagonal_stroke{quiet_ink, 1.0, 1.0, Dash::dashed}, error_stroke{0x0072B2, 1.6};

/// One axis for both rates, so that the diagonal is one.
Axis rates_axis(const FitCalibration& fit) {
  Extent extent;
  for (const std::vector<double>* rates_hz : {&fit.predicted_hz, &fit.counted_hz}) {
    for (const double rate_hz : *rates_hz) {
      if (rate_hz > 0.0) extent.include(rate_hz);
    }
  }
  if (extent.empty()) extent.include(1.0);
  return logarithmic_axis(extent);
}

Panel fit_panel(const FitCalibration& fit, const Rect& frame) {
  const Axis axis = rates_axis(fit);
  constexpr float gap = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> dots, errors;
  for (std::size_t i = 0; i < fit.predicted_hz.size(); ++i) {
    const double predicted = fit.predicted_hz[i], counted = fit.counted_hz[i],
                 error = fit.counted_standard_error_hz[i];
    if (!(predicted > 0.0) || !(counted > 0.0)) continue;
    const auto x = static_cast<float>(predicted);
    dots.insert(dots.end(), {x, static_cast<float>(counted)});
    errors.insert(errors.end(), {x, static_cast<float>(std::max(counted - error, axis.first)), x,
                                 static_cast<float>(std::min(counted + error, axis.last)), gap, gap});
  }
  Panel panel(frame, axis, axis);
  const auto first = static_cast<float>(axis.first), last = static_cast<float>(axis.last);
  panel.lines(std::array{first, first, last, last}, diagonal_stroke);
  panel.lines(errors, error_stroke);
  panel.dots(dots, error_stroke.colour, 7.0);
  return panel;
}

}  // namespace

Picture calibration_picture(const std::string& session, Paper paper, std::span<const FitCalibration> fits) {
  if (fits.empty()) throw Error(ErrorKind::bug, "no calibrations to draw");
  if (fits.size() == 1) paper.width_mm = std::min(paper.width_mm, one_column_mm);
  const Heading heading{
      "Are rates as high as they say?",
      session + "; bins that were hidden, in tenths by their predicted rates",
      {{"tenth of the bins ± standard error", {error_stroke}}, {"as predicted", {diagonal_stroke}}},
      "predicted rate (Hz)"};
  PanelGrid grid{.left_px = 72.0, .titles_px = 28.0, .gap_x_px = 60.0, .gap_y_px = 48.0};
  grid.columns = grid.columns_that_fit(paper, 220.0, fits.size());
  grid.rows = (fits.size() + grid.columns - 1) / grid.columns;
  grid.fit(paper, heading);
  grid.panel_width_px = grid.panel_height_px = std::min(grid.panel_width_px, 340.0);
  Picture picture = grid.picture(paper, heading);
  for (std::size_t row = 0; row < grid.rows; ++row) add_row_label(picture, grid, row, "counted rate (Hz)");
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const FitCalibration& fit = fits[i];
    if (fit.counted_hz.size() != fit.predicted_hz.size() ||
        fit.counted_standard_error_hz.size() != fit.predicted_hz.size()) {
      throw Error(ErrorKind::bug, "{}: {} predicted rates, {} counted, {} errors", fit.fit,
                  fit.predicted_hz.size(), fit.counted_hz.size(), fit.counted_standard_error_hz.size());
    }
    const Rect frame = grid.frame(i);
    add_panel_name(picture, frame, fit.fit);
    picture.add(fit_panel(fit, frame));
  }
  return picture;
}

}  // namespace rnn_rates::plot
