#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "example_rates.hpp"
#include "files.hpp"
#include "pdf_pages.hpp"
#include "plot/dataset_page.hpp"
#include "plot/gnuplot.hpp"
#include "plot/html.hpp"
#include "plot/region_figures.hpp"
#include "plot/session_page.hpp"
#include "plot/text.hpp"
#include "support/byte_pairs.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::plot;

namespace {

std::vector<std::uint8_t> bytes(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace

TEST_CASE("base64 is that of RFC 4648") {
  for (const auto& [text, expected] :
       std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foobar", "Zm9vYmFy"},
                                                        {"\xFF\xFE\xFD", "//79"}}) {
    CHECK(base64(bytes(text)) == expected);
  }
}

TEST_CASE("texts in HTML are no markup") {
  CHECK(html_text("<a href=\"x\">'&'</a>\n\x01") ==
        "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;\n ");
  const std::string json = json_in_html(nlohmann::json("</script><!--").dump());
  CHECK_FALSE(test::holds(json, "<"));
  CHECK(nlohmann::json::parse(json) == "</script><!--");
}

TEST_CASE("no two bytes that come together are markup, or the end of a script") {
  const std::map<std::string, std::string> entities = {
      {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}};
  test::for_all_byte_pairs([&](const std::string& text) {
    const std::string html = html_text(text);
    CAPTURE(html);
    REQUIRE(html.find_first_of("<>\"'") == std::string::npos);
    std::string read;
    for (std::size_t at = 0; at < html.size(); ++at) {
      if (html[at] != '&') {
        read += html[at];
        continue;
      }
      const std::size_t end = html.find(';', at);
      REQUIRE(end != std::string::npos);
      read += entities.at(html.substr(at, end + 1 - at));
      at = end;
    }
    std::replace(read.begin(), read.end(), '\n', ' ');  // The only one of control characters that stays.
    REQUIRE(read == printable(text));
    const std::string json = json_in_html(nlohmann::json(printable(text)).dump());
    REQUIRE(json.find('<') == std::string::npos);
    REQUIRE(nlohmann::json::parse(json) == printable(text));
  });
}

TEST_CASE("links name nothing but a path") {
  test::for_all_byte_pairs([](const std::string& text) {
    const std::string link = link_to(text);
    std::string read;
    for (std::size_t at = 0; at < link.size(); ++at) {
      const bool escaped = link[at] == '%';
      read += escaped ? static_cast<char>(std::stoi(link.substr(at + 1, 2), nullptr, 16)) : link[at];
      at += escaped ? 2 : 0;
    }
    REQUIRE(read == text);
    REQUIRE(link.find_first_of(":?#&\"'<> ") == std::string::npos);
  });
  CHECK(link_to("../a b/50%#?.html") == "../a%20b/50%25%23%3F.html");
  CHECK(link_to("javascript:x") == "javascript%3Ax");
}

TEST_CASE("pages are filled once") {
  CHECK(filled("<{{A}}{{B}}>", {{"A", "{{B}}"}, {"B", "b"}}) == "<{{B}}b>");
  test::expect_error(ErrorKind::bug, {"{{C}}"}, [] { filled("{{C}}", {}); });
}

TEST_CASE("the policy names scripts by the digest of their text") {
  // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
  const PageAsset script{"alert(1)", "6e11c72f7cf6bc383152dd16ddd5903aba6bb1c99d6b6639a4bb0b838185fa92"};
  const std::string policy = security_policy({script}, {});
  CHECK(test::holds(policy, "default-src 'none'"));
  CHECK(test::holds(policy, "script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"));
  CHECK(test::holds(policy, "style-src 'none'"));
  CHECK_FALSE(test::holds(policy, "unsafe"));
}

TEST_CASE("no asset ends the script that it stands in") {
  for (const char* name : {"charts.js", "data.js", "options.js", "session.js", "index.js"}) {
    CHECK_FALSE(test::holds(page_asset(name).text, "</script"));
    CHECK_FALSE(test::holds(page_asset(name).text, "<!--"));
  }
  test::expect_error(ErrorKind::bug, {"no page asset 'x'"}, [] { page_asset("x"); });
}

TEST_CASE("without charts a page has static pictures and no script") {
  const std::vector<RegionRates> regions{test::example_rates(2, {3, 2})};
  SessionPage page;
  page.session = "a <b>";
  page.regions = regions;
  page.pictures = {{"mean \"rates\"", "PNG"}};
  page.warnings = {"w <i>"};
  page.verdict = {"use with care", "A kernel <b>", "care"};
  page.lead = "4 tastes";
  const std::string html = session_page_html(page, false);
  CHECK_FALSE(test::holds(html, "<script"));
  CHECK(test::holds(html, "script-src 'none'"));
  CHECK(test::holds(html, "<img src=\"data:image/png;base64,UE5H\" alt=\"mean &quot;rates&quot;\">"));
  CHECK(test::holds(html, "<h1>a &lt;b&gt;</h1>"));
  CHECK(test::holds(html, "<li>w &lt;i&gt;</li>"));
  // The verdict comes first.
  const auto verdict = html.find("<strong>use with care</strong> A kernel &lt;b&gt;</p>");
  CHECK(verdict < html.find("4 tastes"));
  CHECK(html.find("4 tastes") != std::string::npos);
}

TEST_CASE("a page's data keep what is not known apart from every value") {
  SessionPage page;
  std::vector<RegionRates> regions = {test::example_rates(1, {2})};
  page.regions = regions;
  TasteRates& taste = regions[0].tastes[0];
  taste.observed = Array<std::uint8_t, 3>(taste.counts.shape(), 1);
  taste.observed(1, 0, 3) = 0;
  taste.counts(0, 0, 2) = 200;
  spread_spikes(taste, regions[0].bin_ms);
  taste.rnn_rate_hz(0, 0, 5) = std::numeric_limits<float>::quiet_NaN();
  const auto data = nlohmann::json::parse(page_data(page));
  const auto packed = data["regions"][0]["tastes"][0];
  CHECK(packed["rnn"]["unknown"] == 65535);
  CHECK(packed["truth"]["unknown"].is_null());
  std::vector<std::uint8_t> halves(taste.observed.size() / 2, 0x11);
  halves[43 / 2] = 0x01;
  CHECK(packed["observed"]["values"] == base64(halves));
}

TEST_CASE("a page's data hold each spike to the millisecond") {
  SessionPage page;
  std::vector<RegionRates> regions = {test::example_rates(1, {2})};
  page.regions = regions;
  TasteRates& taste = regions[0].tastes[0];
  for (std::uint16_t& count : taste.counts.values()) count = 0;
  taste.counts(0, 0, 0) = 2;
  taste.counts(0, 0, 20) = 1;
  taste.spikes_ms = {{-499.5F, -499.5F, 13.5F}, {}};
  const auto packed = nlohmann::json::parse(page_data(page))["regions"][0]["tastes"][0]["spikes"];
  CHECK(packed["start_ms"] == -500.0);
  // Three spikes: at 0 ms of the window, again, and 513 = 4 * 128 + 1 ms later; then none.
  CHECK(packed["values"] == base64(std::vector<std::uint8_t>{3, 0, 0, 0x81, 4, 0}));
}

TEST_CASE("a dataset's page leads to each session") {
  DatasetPage page;
  page.title = "set";
  page.columns = {"units", "score", "gain"};
  page.rows = {{{"day <1>", "day <1>/report.html"}, {{5.0}, {std::nan("")}, {0.1234, 0.02}}}};
  page.rows[0].verdict = {"good", "It's", "good"};
  const std::string html = dataset_page_html(page);
  CHECK(test::holds(html, "<td class=\"good\" title=\"It&#39;s\">good</td>"));
  CHECK(test::holds(html, "<a href=\"day%20%3C1%3E/report.html\">day &lt;1&gt;</a>"));
  CHECK(test::holds(html, "data-value=\"5\">5</td><td class=\"number\" data-value=\"\">"));
  CHECK(test::holds(html, "data-value=\"0.1234\">0.1234 ± 0.02</td>"));
}

TEST_CASE("a PDF has a page for each picture") {
  const test::TemporaryFolder folder;
  const RegionRates rates = test::example_rates(3, {4});
  Gnuplot gnuplot;
  gnuplot.draw_pages(
      3, [&](std::size_t unit) { return unit_rates_picture(rates, unit); }, folder / "a.pdf");
  CHECK(gnuplot.finish() == "");
  CHECK(test::pdf_pages(test::bytes_of(folder / "a.pdf")) == 3);
  CHECK(test::entries(folder.path()) == 1);
}
