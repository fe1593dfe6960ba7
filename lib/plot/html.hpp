#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rnn_rates::plot {

/// A file of lib/plot/page as it was when this library was built.
struct PageAsset {
  std::string_view text;
  std::string_view sha256;  ///< of the text, in hexadecimal
};

/// "style.css", "session.js" and so on; "charts.js" is the charting library, empty where the build had none.
/// Throws Error(bug) for an unknown name.
PageAsset page_asset(std::string_view name);

/// `text`, printable (plot/text.hpp), as text or attribute value of an HTML page: no part of it is markup.
std::string html_text(std::string_view text);

/// JSON text fit to stand in a <script> element of data: nothing in it can end the element.
std::string json_in_html(std::string json);

/// `path` (with / between folders) as a relative link: all but plain characters are percent-encoded, so that
/// it can name neither a scheme nor a query.
std::string link_to(std::string_view path);

std::string base64(std::span<const std::uint8_t> bytes);

/// A content-security policy that allows the inline scripts and styles with exactly these texts, pictures in
/// the page itself, and nothing else: no request can leave the page.
std::string security_policy(const std::vector<PageAsset>& scripts, const std::vector<PageAsset>& styles);

/// `page` with each {{NAME}} replaced by its value; values are not looked into. Throws Error(bug) for a name
/// that has none.
std::string filled(std::string_view page, const std::map<std::string, std::string>& values);

}  // namespace rnn_rates::plot
