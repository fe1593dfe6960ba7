#include "plot/comparison_page.hpp"

#include <fmt/format.h>

#include <cmath>

#include "plot/html.hpp"

namespace rnn_rates::plot {
namespace {

std::string settings_html(const ComparisonPage& page) {
  if (page.settings.empty()) return "<p>Both were made with the same settings.</p>";
  std::string html = "<table><thead><tr><th scope=\"col\">setting</th>";
  for (const std::string& run : page.runs) html += fmt::format("<th scope=\"col\">{}</th>", html_text(run));
  html += "</tr></thead><tbody>\n";
  for (const ComparedSetting& setting : page.settings) {
    html += fmt::format("<tr><th scope=\"row\">{}</th>", html_text(setting.key));
    for (const std::string& value : setting.values) html += fmt::format("<td>{}</td>", html_text(value));
    html += "</tr>\n";
  }
  return html + "</tbody></table>";
}

std::string value_html(const DatasetValue& value) {
  if (!std::isfinite(value.value)) return "<td class=\"number\">–</td>";
  return std::isfinite(value.standard_error)
             ? fmt::format("<td class=\"number\">{:.4f} ± {:.4f}</td>", value.value, value.standard_error)
             : fmt::format("<td class=\"number\">{:.4f}</td>", value.value);
}

/// Both values, and the second less the first.
std::string pair_html(const std::array<DatasetValue, 2>& values) {
  return value_html(values[0]) + value_html(values[1]) + value_html({values[1].value - values[0].value});
}

std::string scores_html(const ComparisonPage& page) {
  std::string html = "<table><thead><tr><th scope=\"col\">session</th>";
  for (const char* what : {"verdict", "bits per hidden spike", "over the best simple method"}) {
    for (const std::string& run : page.runs)
      html += fmt::format("<th scope=\"col\">{}, {}</th>", what, html_text(run));
    if (what != std::string_view("verdict")) html += "<th scope=\"col\">difference</th>";
  }
  html += "</tr></thead><tbody>\n";
  for (const ComparedSession& session : page.sessions) {
    html += fmt::format("<tr><th scope=\"row\">{}</th>", html_text(session.session));
    for (const PageVerdict& verdict : session.verdicts)
      html += fmt::format("<td class=\"{}\" title=\"{}\">{}</td>", verdict.style, html_text(verdict.why),
                          html_text(verdict.verdict.empty() ? "–" : verdict.verdict));
    html += pair_html(session.bits_per_hidden_spike) + pair_html(session.bits_over_best_simple) + "</tr>\n";
  }
  return html + "</tbody></table>";
}

std::string options_html(const ComparisonPage& page) {
  std::string html;
  for (const ComparedSession& session : page.sessions)
    html += fmt::format("<option data-first=\"{}\" data-second=\"{}\">{}</option>", link_to(session.pages[0]),
                        link_to(session.pages[1]), html_text(session.session));
  return html;
}

}  // namespace

std::string comparison_page_html(const ComparisonPage& page) {
  const PageAsset style = page_asset("style.css"), script = page_asset("compare.js");
  return filled(page_asset("compare.html").text,
                {{"POLICY", security_policy({script}, {style}) + "; frame-src 'self' file:"},
                 {"FIRST", html_text(page.runs[0])},
                 {"SECOND", html_text(page.runs[1])},
                 {"STYLE", std::string(style.text)},
                 {"SETTINGS", settings_html(page)},
                 {"SCORES", scores_html(page)},
                 {"OPTIONS", options_html(page)},
                 {"SCRIPT", std::string(script.text)}});
}

}  // namespace rnn_rates::plot
