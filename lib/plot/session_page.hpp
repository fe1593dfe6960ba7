#pragma once

#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "plot/figures.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

/// A link to `path`, relative to the page, with / between folders.
struct PageLink {
  std::string label;
  std::string path;
};

struct PageTable {
  std::string title;
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
};

/// How far rates can be relied on.
struct PageVerdict {
  std::string verdict;
  std::string why;
  std::string style;  ///< class in style.css: "good", "care" or "not"
};

/// A picture that stands for the charts where the build had no charting library.
struct PagePicture {
  std::string description;
  std::string png;  ///< bytes
};

/// What report.html shows of a session. All texts may come from files: none is interpreted.
struct SessionPage {
  std::string session;
  PageVerdict verdict;   ///< comes first
  std::string headline;  ///< the score that counts, below the verdict
  std::string lead;      ///< what ran, in a sentence
  std::vector<std::string> warnings;
  std::vector<PageLink> links;    ///< neighbouring sessions and the dataset
  std::vector<PageTable> tables;  ///< scores, provenance
  std::string config_toml;
  std::vector<PageLink> files;
  std::span<const RegionRates> regions;
  std::span<const FitLosses> losses;
  std::vector<PagePicture> pictures;
};

/// The scripts of report.html, in the order in which they build on each other.
inline constexpr std::array session_scripts{"charts.js",           "data.js",          "rates.js",
                                            "chart_parts.js",      "unit_chart.js",    "heat_chart.js",
                                            "population_chart.js", "latents_chart.js", "losses_chart.js",
                                            "unit_list.js",        "link.js",          "menus.js",
                                            "save_view.js",        "session.js"};

/// What the page's scripts draw; data.js unpacks it.
struct PageData {
  std::string json;   ///< fit to stand in HTML
  std::string bytes;  ///< the arrays that it refers to: PageBytes::text()
};

/// Rates are kept with 16 bits, or with 8 to 6 in larger sessions. Where even these take more than
/// `most_bytes`, some trials of each taste are kept only, evenly spaced.
PageData page_data(const SessionPage& page, std::size_t most_bytes = 6'600'000);

/// Whether this build has the charting library; without it pages show SessionPage::pictures.
bool has_charts();

/// The page: one file that needs no other, asks for none, and in which nothing from `page` can run as script.
/// Throws Error(bug) where shapes disagree (check_shapes).
std::string session_page_html(const SessionPage& page, bool with_charts = has_charts());

}  // namespace rnn_rates::plot
