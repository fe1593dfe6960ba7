#pragma once

#include <string>

#include "plot/session_page.hpp"

namespace rnn_rates::plot {

/// What the page's scripts draw, as JSON fit to stand in HTML; data.js unpacks it.
std::string page_data(const SessionPage& page);

}  // namespace rnn_rates::plot
