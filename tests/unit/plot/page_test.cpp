#include <doctest/doctest.h>
#include <zlib.h>

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
#include "plot/unit_summary.hpp"
#include "support/byte_pairs.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::plot;

namespace {

std::vector<std::uint8_t> bytes(std::string_view text) { return {text.begin(), text.end()}; }

/// What a page's bytes inflate to.
std::vector<std::uint8_t> inflated(const std::string& text) {
  const auto digit = [](char c) {
    return std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").find(c);
  };
  std::vector<std::uint8_t> deflated;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::size_t group = 0;
    for (std::size_t j = i; j < i + 4; ++j) group = group << 6U | (text[j] == '=' ? 0U : digit(text[j]));
    for (const unsigned shift : {16U, 8U, 0U}) deflated.push_back(static_cast<std::uint8_t>(group >> shift));
  }
  std::vector<std::uint8_t> bytes(1 << 20);
  uLongf length = bytes.size();
  REQUIRE(uncompress(bytes.data(), &length, deflated.data(), deflated.size()) == Z_OK);
  bytes.resize(length);
  return bytes;
}

/// Numbers of 8 or 16 bits of an array in a page, by row, trial and bin.
std::vector<unsigned> unpacked(const nlohmann::json& packed, const std::vector<std::uint8_t>& bytes) {
  const std::size_t bins = packed["bins"], length = packed["trials"].get<std::size_t>() * bins;
  const bool wide = packed["bits"] == 16;
  std::vector<unsigned> numbers;
  for (std::size_t row = 0; row < packed["rows"].get<std::size_t>(); ++row) {
    const std::size_t start = packed["first"].get<std::size_t>() + row * length * (wide ? 2 : 1);
    for (std::size_t i = 0; i < length; ++i) {
      const unsigned before = i % bins == 0 ? 0U : numbers.back();
      const unsigned difference = bytes.at(start + i) + (wide ? bytes.at(start + length + i) * 256U : 0U);
      numbers.push_back((before + difference) % (wide ? 65536U : 256U));
    }
  }
  return numbers;
}

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
  std::vector<std::string> names(session_scripts.begin(), session_scripts.end());
  names.emplace_back("index.js");
  for (const std::string& name : names) {
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
  page.headline = "0.3 <bits>";
  page.lead = "4 tastes";
  const std::string html = session_page_html(page, false);
  CHECK_FALSE(test::holds(html, "<script"));
  CHECK(test::holds(html, "script-src 'none'"));
  CHECK(test::holds(html, "<img src=\"data:image/png;base64,UE5H\" alt=\"mean &quot;rates&quot;\">"));
  CHECK(test::holds(html, "<h1>a &lt;b&gt;</h1>"));
  CHECK(test::holds(html, "<li>w &lt;i&gt;</li>"));
  CHECK(test::holds(html, "<p class=\"headline\">0.3 &lt;bits&gt;</p>"));
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
  const PageData kept = page_data(page);
  const auto packed = nlohmann::json::parse(kept.json)["regions"][0]["tastes"][0];
  const auto arrays = packed["arrays"];
  CHECK(arrays["rnn"]["unknown"] == 65535);
  CHECK(arrays["truth"]["unknown"].is_null());
  const std::vector<std::uint8_t> all = inflated(kept.bytes);
  std::vector<unsigned> observed(taste.observed.size(), 15);  // of 0 to 15, 1
  observed[43] = 0;
  CHECK(unpacked(packed["observed"], all) == observed);
  const std::vector<unsigned> rnn = unpacked(arrays["rnn"], all);
  const double low = arrays["rnn"]["low"][0], step = arrays["rnn"]["step"][0];
  for (std::size_t i = 0; i < rnn.size(); ++i) {
    if (i == 5) {
      CHECK(rnn[i] == 65535);
    } else {
      CHECK(low + step * rnn[i] == doctest::Approx(taste.rnn_rate_hz.values()[i]).epsilon(1e-4));
    }
  }
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
  const PageData data = page_data(page);
  const auto packed = nlohmann::json::parse(data.json)["regions"][0]["tastes"][0]["spikes"];
  CHECK(packed["start_ms"] == -500.0);
  // Three spikes: at 0 ms of the window, again, and 513 = 4 * 128 + 1 ms later; then none.
  const std::vector<std::uint8_t> expected{3, 0, 0, 0x81, 4, 0}, all = inflated(data.bytes);
  const auto start = all.begin() + packed["starts"][0].get<std::ptrdiff_t>();
  CHECK(std::vector<std::uint8_t>(start, start + 6) == expected);
}

TEST_CASE("a page that would be too large holds some trials of each taste, and says which") {
  SessionPage page;
  const std::vector<RegionRates> regions = {test::example_rates(3, {40, 20})};
  page.regions = regions;
  const PageData all = page_data(page), some = page_data(page, all.json.size() + all.bytes.size() / 4);
  CHECK(some.json.size() + some.bytes.size() <= all.json.size() + all.bytes.size() / 4);
  const auto whole = nlohmann::json::parse(all.json)["regions"][0]["tastes"],
             part = nlohmann::json::parse(some.json)["regions"][0]["tastes"];
  const std::vector<std::uint8_t> bytes = inflated(some.bytes);
  for (std::size_t taste = 0; taste < 2; ++taste) {
    CHECK(whole[taste]["trial_numbers"].size() == whole[taste]["all_trials"]);
    const auto numbers = part[taste]["trial_numbers"].get<std::vector<std::size_t>>();
    CHECK(part[taste]["all_trials"] == whole[taste]["all_trials"]);
    CHECK(numbers.size() < whole[taste]["all_trials"]);
    REQUIRE(numbers.size() > 1);
    // The second trial that is kept is the one that it says it is.
    const auto& truth = part[taste]["arrays"]["truth"];
    const auto scale = nlohmann::json::parse(some.json)["regions"][0]["scales"]["truth"];
    const double low = scale["low"][2], step = scale["step"][2];
    const std::size_t at = (2 * numbers.size() + 1) * 40;
    const double error = low + step * unpacked(truth, bytes)[at] -
                         static_cast<double>(regions[0].tastes[taste].true_rate_hz(numbers[1], 2, 0));
    CHECK(std::abs(error) <= 0.501 * step);
  }
}

TEST_CASE("units are summarised with what to look out for") {
  RegionRates rates = test::example_rates(4, {20});
  TasteRates& taste = rates.tastes[0];
  std::fill(taste.counts.values().begin(), taste.counts.values().end(), std::uint16_t{0});
  for (std::size_t trial = 0; trial < 20; ++trial) {
    for (std::size_t bin = 0; bin < 40; ++bin) taste.counts(trial, 0, bin) = bin % 4 == trial % 2 ? 1 : 0;
    for (std::size_t bin = 0; bin < 40; ++bin)
      taste.counts(trial, 1, bin) = (trial < 10 ? bin % 2 : bin % 8) == 0 ? 1 : 0;
  }
  taste.counts(3, 2, 0) = 1;
  const std::vector<UnitSummary> units = summarise_units(rates);
  CHECK(units[0].rate_hz == doctest::Approx(10.0));  // One in four bins of 25 ms.
  CHECK(units[0].flags.empty());
  CHECK(units[1].flags == std::vector<std::string>{"drifts"});
  CHECK(units[2].flags == std::vector<std::string>{"few spikes"});
  CHECK(units[3].flags == std::vector<std::string>{"silent"});
}

TEST_CASE("a dataset's page leads to each session") {
  DatasetPage page;
  page.title = "set";
  page.columns = {"units", "score", "gain"};
  page.rows = {{{"day <1>", "day <1>/report.html"}, {{5.0}, {std::nan("")}, {0.1234, 0.02}}}};
  page.rows[0].verdict = {"good", "It's", "good"};
  const std::string html = dataset_page_html(page);
  CHECK(test::holds(html, "<td class=\"good\" data-value=\"1\" title=\"It&#39;s\">good</td>"));
  CHECK(test::holds(html, "<a href=\"day%20%3C1%3E/report.html\">day &lt;1&gt;</a>"));
  CHECK(test::holds(html, "data-value=\"5\">5</td><td class=\"number\" data-value=\"\">"));
  CHECK(test::holds(html, "data-value=\"0.1234\" data-error=\"0.02\">0.1234 ± 0.02</td>"));
}

TEST_CASE("a PDF has a page for each picture") {
  const test::TemporaryFolder folder;
  const RegionRates rates = test::example_rates(3, {4});
  Gnuplot gnuplot;
  gnuplot.draw_pages(
      3, [&](std::size_t unit) { return unit_rates_picture(rates, {}, unit); }, folder / "a.pdf");
  CHECK(gnuplot.finish() == "");
  CHECK(test::pdf_pages(test::bytes_of(folder / "a.pdf")) == 3);
  CHECK(test::entries(folder.path()) == 1);
}
