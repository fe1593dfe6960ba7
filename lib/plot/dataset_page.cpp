#include "plot/dataset_page.hpp"

#include <fmt/format.h>

#include <cmath>

#include "plot/html.hpp"

namespace rnn_rates::plot {
namespace {

std::string head_cell(const std::string& name, const std::string& meaning) {
  return fmt::format(
      "<th scope=\"col\" aria-sort=\"none\"><button type=\"button\" title=\"{}\">{}</button></th>",
      html_text(meaning), html_text(name));
}

/// Sorted by its value, not by how it is written.
std::string value_cell(const DatasetValue& cell) {
  if (!std::isfinite(cell.value)) return "<td class=\"number\" data-value=\"\">–</td>";
  const std::string error =
      std::isfinite(cell.standard_error) ? fmt::format(" ± {:.2g}", cell.standard_error) : "";
  const std::string data_error =
      std::isfinite(cell.standard_error) ? fmt::format(" data-error=\"{:.9g}\"", cell.standard_error) : "";
  return fmt::format("<td class=\"number\" data-value=\"{:.9g}\"{}>{:.4g}{}</td>", cell.value, data_error,
                     cell.value, error);
}

/// The best first when sorted; its reason under the mouse.
std::string verdict_cell(const PageVerdict& verdict) {
  const std::size_t rank = verdict.style == "good" ? 1 : verdict.style == "care" ? 2 : 3;
  const std::string value = verdict.verdict.empty() ? "" : std::to_string(rank);
  return fmt::format("<td class=\"{}\" data-value=\"{}\" title=\"{}\">{}</td>", verdict.style, value,
                     html_text(verdict.why), html_text(verdict.verdict.empty() ? "–" : verdict.verdict));
}

std::string table_html(const DatasetPage& page) {
  std::string html =
      "<table class=\"sortable\">\n<thead><tr>" + head_cell("session", "name of the session") +
      head_cell("verdict", "how far the rates can be relied on; the page of the session says why");
  for (std::size_t i = 0; i < page.columns.size(); ++i) {
    html += head_cell(page.columns[i], i < page.meanings.size() ? page.meanings[i] : "");
  }
  html += "</tr></thead>\n<tbody>\n";
  for (const DatasetRow& row : page.rows) {
    html += fmt::format("<tr><th scope=\"row\"><a href=\"{}\">{}</a></th>", link_to(row.link.path),
                        html_text(row.link.label));
    html += verdict_cell(row.verdict);
    for (const DatasetValue& value : row.values) html += value_cell(value);
    html += "</tr>\n";
  }
  return html + "</tbody>\n</table>\n";
}

}  // namespace

std::string dataset_page_html(const DatasetPage& page) {
  const PageAsset style = page_asset("style.css"), script = page_asset("index.js");
  return filled(page_asset("index.html").text, {{"POLICY", security_policy({script}, {style})},
                                                {"TITLE", html_text(page.title)},
                                                {"STYLE", std::string(style.text)},
                                                {"LEAD", html_text(page.lead)},
                                                {"TABLE", table_html(page)},
                                                {"SCRIPT", std::string(script.text)}});
}

}  // namespace rnn_rates::plot
