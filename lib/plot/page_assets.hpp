#pragma once

#include <string_view>

namespace rnn_rates::plot {

/// A file of lib/plot/page as it was when this library was built.
struct PageAsset {
  std::string_view text;
  std::string_view sha256;  ///< of the text, in hexadecimal
};

/// "style.css", "session.js" and so on; "charts.js" is the charting library, empty where the build had none.
/// Throws Error(bug) for an unknown name.
PageAsset page_asset(std::string_view name);

}  // namespace rnn_rates::plot
