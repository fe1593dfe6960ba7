#pragma once

#include <string>

#include "core/choices.hpp"
#include "plot/paper.hpp"

namespace rnn_rates::plot {

/// What a figure's file says of itself, to whoever opens its properties.
struct FileNotes {
  std::string title;
  std::string description;  ///< what it was made from, and by what
};

/// `bytes`, a whole file as gnuplot has drawn it, with these notes: in a PNG also its resolution, such that
/// it is as wide as the paper; in an SVG its size on the paper, no tooltips over curves, and heat maps in
/// blocks that viewers do not blur. A PDF whose cross-references are packed stays as it is.
std::string finished(const std::string& bytes, PictureFormat format, const Paper& paper,
                     const FileNotes& notes);

}  // namespace rnn_rates::plot
