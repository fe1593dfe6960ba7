#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rnn_rates::plot {

/// `text` as a gnuplot string literal that yields these bytes and nothing else: whatever could end the
/// literal or start a substitution (quotes, backslash, backtick, @, $, line breaks, ...) is written as octal
/// escape.
std::string gnuplot_literal(std::string_view text);

/// `text` fit to be drawn: bytes that are not UTF-8 become U+FFFD, control characters become spaces.
std::string printable(std::string_view text);

/// Estimated width in px of `text` (UTF-8) set in a sans serif font of `size_px`.
double text_width_px(std::string_view text, double size_px);

/// `text` in lines that are not wider than `width_px`, broken at blanks; a word that is wider is elided.
std::vector<std::string> wrapped(std::string_view text, double size_px, double width_px);

/// `text`, printable and, where it is wider than `width_px`, with its middle replaced by an ellipsis.
std::string elided(std::string_view text, double size_px, double width_px);

}  // namespace rnn_rates::plot
