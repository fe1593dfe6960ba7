#include "plot/session_page.hpp"

#include <fmt/format.h>

#include "plot/html.hpp"

namespace rnn_rates::plot {
namespace {

std::string link(const PageLink& to) {
  return fmt::format("<a href=\"{}\">{}</a>\n", link_to(to.path), html_text(to.label));
}

std::string table_html(const PageTable& table) {
  std::string html = fmt::format(
      "<section>\n<h2>{0}</h2>\n<div class=\"wide\" role=\"region\" aria-label=\"{0}\" "
      "tabindex=\"0\"><table>\n",
      html_text(table.title));
  if (!table.head.empty()) {
    html += "<thead><tr>";
    for (const std::string& head : table.head)
      html += fmt::format("<th scope=\"col\">{}</th>", html_text(head));
    html += "</tr></thead>\n";
  }
  html += "<tbody>\n";
  for (const auto& row : table.rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      html += i == 0 ? fmt::format("<th scope=\"row\">{}</th>", html_text(row[i]))
                     : fmt::format("<td>{}</td>", html_text(row[i]));
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n</section>\n";
}

std::string warnings_html(const std::vector<std::string>& warnings) {
  if (warnings.empty()) return "";
  std::string html =
      fmt::format("<details class=\"warnings\"><summary>{} warning{}: {}</summary><ul>\n", warnings.size(),
                  warnings.size() == 1 ? "" : "s", html_text(warnings.front()));
  for (const std::string& warning : warnings) html += fmt::format("<li>{}</li>\n", html_text(warning));
  return html + "</ul></details>";
}

std::string verdict_html(const PageVerdict& verdict) {
  if (verdict.verdict.empty()) return "";
  return fmt::format("<p class=\"verdict {}\" role=\"note\"><strong>{}</strong> {}</p>", verdict.style,
                     html_text(verdict.verdict), html_text(verdict.why));
}

std::string headline_html(const std::string& headline) {
  return headline.empty() ? "" : fmt::format("<p class=\"headline\">{}</p>", html_text(headline));
}

std::string tables_html(const SessionPage& page) {
  std::string html;
  for (const PageTable& table : page.tables) html += table_html(table);
  if (!page.files.empty()) {
    html += "<section>\n<h2>Files</h2>\n<ul>\n";
    for (const PageLink& file : page.files) html += "<li>" + link(file) + "</li>\n";
    html += "</ul>\n</section>\n";
  }
  return html + fmt::format("<details><summary>All settings</summary><pre>{}</pre></details>\n",
                            html_text(page.config_toml));
}

std::string pictures_html(const std::vector<PagePicture>& pictures) {
  std::string html =
      "<p>Interactive charts need the charting library, which this build was made without.</p>\n";
  for (const PagePicture& picture : pictures) {
    const std::vector<std::uint8_t> bytes(picture.png.begin(), picture.png.end());
    html += fmt::format("<figure><img src=\"data:image/png;base64,{}\" alt=\"{}\"></figure>\n", base64(bytes),
                        html_text(picture.description));
  }
  return html;
}

std::string script(const PageAsset& asset) { return fmt::format("<script>{}</script>\n", asset.text); }

}  // namespace

bool has_charts() { return !page_asset("charts.js").text.empty(); }

std::string session_page_html(const SessionPage& page, bool with_charts) {
  const PageAsset style = page_asset("style.css");
  std::vector<PageAsset> scripts;
  std::string scripts_html;
  if (with_charts) {
    const PageData data = page_data(page);
    scripts_html = "<script type=\"application/json\" id=\"data\">" + data.json + "</script>\n" +
                   "<script type=\"text/plain\" id=\"bytes\">" + data.bytes + "</script>\n";
    for (const char* name : session_scripts) {
      scripts.push_back(page_asset(name));
      scripts_html += script(scripts.back());
    }
  }
  std::string links;
  for (const PageLink& to : page.links) links += link(to);
  return filled(
      page_asset("session.html").text,
      {{"POLICY", security_policy(scripts, {style})},
       {"SESSION", html_text(page.session)},
       {"STYLE", std::string(style.text)},
       {"LINKS", links},
       {"VERDICT", verdict_html(page.verdict)},
       {"HEADLINE", headline_html(page.headline)},
       {"LEAD", html_text(page.lead)},
       {"WARNINGS", warnings_html(page.warnings)},
       {"CHARTS", with_charts ? std::string(page_asset("charts.html").text) : pictures_html(page.pictures)},
       {"TABLES", tables_html(page)},
       {"SCRIPTS", scripts_html}});
}

}  // namespace rnn_rates::plot
