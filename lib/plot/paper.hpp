#pragma once

namespace rnn_rates::plot {

/// Of a column of text, wide enough for one square panel.
inline constexpr double one_column_mm = 89.0;

/// What a figure is made for. Figures are laid out in px, for labels of 12 px, and drawn scale() times as
/// large.
struct Paper {
  double width_mm = 180.0;
  double font_pt = 7.0;  ///< of labels; numbers at ticks are a twelfth smaller
  bool titled = true;
  double png_dpi = 200.0;  ///< enough for screens; journals want 300

  double scale() const { return font_pt / 9.0; }  // 12 px are 9 pt.
  double width_px() const { return width_mm / 25.4 * 96.0 / scale(); }
  /// Of a page; what needs more is continued on the next.
  double height_px() const { return 240.0 / 25.4 * 96.0 / scale(); }
};

}  // namespace rnn_rates::plot
