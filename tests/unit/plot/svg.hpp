#pragma once

#include <doctest/doctest.h>

#include <string>

#include "files.hpp"
#include "plot/gnuplot.hpp"
#include "support/temporary_folder.hpp"

namespace rnn_rates::test {

/// The picture as SVG, in whose text labels and lines can be found. gnuplot must not have complained.
inline std::string svg_of(const plot::Picture& picture) {
  const TemporaryFolder folder;
  plot::Gnuplot gnuplot;
  gnuplot.draw(picture, folder / "a.svg", plot::Format::svg);
  CHECK(gnuplot.finish() == "");
  return bytes_of(folder / "a.svg");
}

inline std::size_t labels(const std::string& svg, const std::string& text) {
  return occurrences(svg, "<text>" + text + "</text>");
}

}  // namespace rnn_rates::test
