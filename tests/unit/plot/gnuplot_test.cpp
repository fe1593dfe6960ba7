#include "plot/gnuplot.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>

#include <cmath>
#include <cstdint>
#include <fstream>

#include "core/error.hpp"
#include "files.hpp"
#include "pdf_pages.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::plot;
namespace fs = std::filesystem;

namespace {

/// Of 300 px, each 1/96 inch.
constexpr Paper paper{.width_mm = 300.0 / 96.0 * 25.4, .font_pt = 9.0, .png_dpi = 96.0};

/// A small picture with `text` above its panel.
Picture example(std::string_view text = "text", const Paper& on = paper) {
  Picture picture(on, 200.0);
  picture.text(10.0, 15.0, text, {.size_px = 12.0});
  Panel panel({40.0, 30.0, 240.0, 140.0}, Axis{0.0, 3.0, {0.0, 1.0}}, Axis{0.0, 1.0, {0.5}});
  const std::vector<float> points{0.0F, 0.1F, 1.0F, 0.9F, 2.0F, 0.4F};
  panel.lines(points, {0x0072B2, 2.0});
  picture.add(panel);
  return picture;
}

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) value = value << 8U | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

/// Lets programs be looked for in `folder` alone while it lives.
class OnlyPath {
 public:
  explicit OnlyPath(const fs::path& folder) : before_(::getenv("PATH")) {
    ::setenv("PATH", folder.c_str(), 1);
  }
  ~OnlyPath() { ::setenv("PATH", before_.c_str(), 1); }
  OnlyPath(const OnlyPath&) = delete;
  OnlyPath& operator=(const OnlyPath&) = delete;

 private:
  std::string before_;
};

/// A shell script in the place of gnuplot.
void write_stand_in(const fs::path& folder, const std::string& commands) {
  std::ofstream(folder / "gnuplot") << "#!/bin/sh\n" << commands << "\n";
  fs::permissions(folder / "gnuplot", fs::perms::owner_all);
}

}  // namespace

TEST_CASE("a PNG has the pixels that its resolution asks for, and says so") {
  const test::TemporaryFolder folder;
  for (const double ratio : {1.0, 2.0}) {
    Gnuplot gnuplot;
    Paper fine = paper;
    fine.png_dpi = 96.0 * ratio;
    gnuplot.draw(example("text", fine), folder / "a.png", Format::png);
    CHECK(gnuplot.finish() == "");
    const std::string png = test::bytes_of(folder / "a.png");
    REQUIRE(png.size() > 33);
    CHECK(png.substr(0, 8) == "\x89PNG\r\n\x1A\n");
    CHECK(big_endian(png, 16) == static_cast<std::uint32_t>(300.0 * ratio));
    CHECK(big_endian(png, 20) == static_cast<std::uint32_t>(200.0 * ratio));
    CHECK(png.substr(37, 4) == "pHYs");
    CHECK(big_endian(png, 41) == static_cast<std::uint32_t>(std::lround(96.0 * ratio / 0.0254)));
  }
}

TEST_CASE("files of all formats say what they are and what they were made from") {
  const test::TemporaryFolder folder;
  Gnuplot gnuplot;
  const FileNotes notes{"Unit 3 & unité 4", "rates.h5 1f8a"};
  for (const Format format : {Format::png, Format::svg, Format::pdf})
    gnuplot.draw(example(), folder / fmt::format("a.{}", word(format)), format, notes);
  gnuplot.draw_pages(
      2, [](std::size_t) { return example(); }, folder / "pages.pdf", notes);
  CHECK(gnuplot.finish() == "");
  const std::string svg = test::bytes_of(folder / "a.svg"), png = test::bytes_of(folder / "a.png");
  CHECK(test::occurrences(svg, "<title>") == 1);  // No tooltips over curves.
  CHECK(test::holds(svg, "<title>Unit 3 &amp; unité 4</title>"));
  CHECK(test::holds(svg, "<desc>rates.h5 1f8a</desc>"));
  CHECK(test::holds(svg, " width=\"79.375mm\" height=\"52.92mm\""));
  CHECK(test::holds(svg, "viewBox=\"0 0 300 200\""));
  CHECK(test::holds(png, "iTXtTitle" + std::string(5, '\0') + "Unit 3 & unité 4"));
  CHECK(test::holds(png, "iTXtDescription" + std::string(5, '\0') + "rates.h5 1f8a"));
  for (const char* name : {"a.pdf", "pages.pdf"}) {
    const std::string pdf = test::bytes_of(folder / name);
    CHECK(test::holds(pdf, "/Title <FEFF0055006E006900740020003300200026002000"));
    CHECK(test::holds(pdf, "/Prev "));
    CHECK(test::occurrences(pdf, "%%EOF") == 2);
  }
  CHECK(test::pdf_pages(test::bytes_of(folder / "pages.pdf")) == 2);
}

TEST_CASE("a picture keeps its size on paper with letters of any size") {
  const test::TemporaryFolder folder;
  Gnuplot gnuplot;
  for (const double font_pt : {6.0, 9.0, 14.0}) {
    const Paper narrow{.width_mm = 85.0, .font_pt = font_pt};
    Picture picture(narrow, 100.0);
    picture.text(10.0, 15.0, "text", {});
    gnuplot.draw(picture, folder / "a.svg", Format::svg);
    const std::string svg = test::bytes_of(folder / "a.svg");
    CHECK(test::holds(svg, " width=\"85mm\""));
    // 12 px of the layout are this many points on the paper.
    CHECK(12.0 * (85.0 / 25.4 * 72.0) / picture.width_px() == doctest::Approx(font_pt));
  }
}

TEST_CASE("a picture that is too high for a PNG has fewer pixels, and is whole in all formats") {
  const test::TemporaryFolder folder;
  Picture picture(paper, 60000.0);
  picture.text(10.0, 15.0, "text", {.size_px = 12.0});
  Gnuplot gnuplot;
  for (const Format format : {Format::png, Format::svg, Format::pdf}) {
    gnuplot.draw(picture, folder / fmt::format("high.{}", word(format)), format);
  }
  CHECK(big_endian(test::bytes_of(folder / "high.png"), 20) == 32767);
  CHECK(gnuplot.finish().empty());
}

TEST_CASE("one gnuplot draws pictures of all formats, each whole when draw returns") {
  const test::TemporaryFolder folder;
  Gnuplot gnuplot;
  for (int round = 0; round < 3; ++round) {
    for (const Format format : {Format::png, Format::svg, Format::pdf}) {
      const fs::path path = folder / ("a." + std::string(word(format)));
      gnuplot.draw(example(), path, format);
      CHECK(fs::file_size(path) > 1000);
    }
  }
  CHECK(test::holds(test::bytes_of(folder / "a.svg"), "</svg>"));
  CHECK(test::bytes_of(folder / "a.pdf").substr(0, 5) == "%PDF-");
  CHECK(test::entries(folder.path()) == 3);
  CHECK(gnuplot.finish() == "");
}

TEST_CASE("no text is interpreted") {
  const test::TemporaryFolder folder;
  const fs::path there = fs::current_path();
  fs::current_path(folder.path());
  Gnuplot gnuplot;
  const auto drawn = [&](const std::string& text) {
    gnuplot.draw(example(text), folder / "a.svg", Format::svg);
    return test::bytes_of(folder / "a.svg");
  };
  for (const std::string plain : {"`touch x`", "@x @{x}", "{/:Bold x}^2_3", "system(\"touch x\")",
                                  "'.system('touch x').'", "\".system(\"touch x\").\"", "\\n\\101",
                                  "$x %d %s ~", "a\\", "\xC3\xA9\xE2\x80\xA6\xF0\x9F\x90\x80"}) {
    CHECK(test::holds(drawn(plain), "<text>" + plain + "</text>"));
  }
  CHECK(test::holds(drawn("a\nsystem 'touch x'\x01z"), "<text>a system 'touch x' z</text>"));
  CHECK(test::holds(drawn("a\xFFz\xC3"), "<text>a\xEF\xBF\xBDz\xEF\xBF\xBD</text>"));
  const std::string script = drawn("</text><script>&lt;&amp;");
  CHECK_FALSE(test::holds(script, "<script>"));
  CHECK(gnuplot.finish() == "");
  fs::current_path(there);
  CHECK(test::entries(folder.path()) == 1);
}

TEST_CASE("pictures of very different size in a row do not mix") {
  const test::TemporaryFolder folder;
  Gnuplot gnuplot;
  Picture large(paper, 200.0);
  Panel panel({40.0, 30.0, 240.0, 140.0}, Axis{0.0, 1.0, {}}, Axis{0.0, 1.0, {}});
  panel.lines(std::vector<float>(200000, 0.5F), {});
  large.add(panel);
  for (int round = 0; round < 20; ++round) {
    gnuplot.draw(example("small"), folder / "a.svg", Format::svg);
    CHECK(test::holds(test::bytes_of(folder / "a.svg"), "<text>small</text>"));
    gnuplot.draw(large, folder / "b.svg", Format::svg);
    CHECK_FALSE(test::holds(test::bytes_of(folder / "b.svg"), "small"));
  }
  CHECK(gnuplot.finish() == "");
}

TEST_CASE("any file name is taken as it is") {
  const test::TemporaryFolder folder;
  const fs::path there = fs::current_path();
  fs::current_path(folder.path());
  Gnuplot gnuplot;
  const std::vector<std::string> names{"a b.svg",
                                       "it's \"q\".svg",
                                       "`touch x`.svg",
                                       "\xC3\xA9\xE5\x91\xB3.svg",
                                       "a\nb.svg",
                                       "|touch x",
                                       "~",
                                       "%d%s.svg",
                                       "$HOME\\n@x{}.svg",
                                       "-"};
  for (const std::string& name : names) {
    gnuplot.draw(example(), name, Format::svg);
    CHECK_MESSAGE(test::holds(test::bytes_of(folder / name), "</svg>"), name);
  }
  CHECK(gnuplot.finish() == "");
  fs::current_path(there);
  CHECK(test::entries(folder.path()) == names.size());
}

TEST_CASE("a panel without points, or with points that are not finite, is drawn empty") {
  const test::TemporaryFolder folder;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::vector<float>& points : {std::vector<float>{}, std::vector<float>{1.0F, nan, 2.0F, nan}}) {
    Picture picture(paper, 200.0);
    Panel panel({40.0, 30.0, 240.0, 140.0}, Axis{0.0, 3.0, {0.0, 1.0}}, Axis{0.0, 1.0, {}});
    panel.lines(points, {});
    panel.dots(points, ink, 5.0);
    panel.spikes(points, 1.0, {});
    panel.vertical(7.0, {});
    picture.add(panel);
    Gnuplot gnuplot;
    gnuplot.draw(picture, folder / "a.svg", Format::svg);
    CHECK(gnuplot.finish() == "");
  }
}

TEST_CASE("gnuplot has nothing to say about a poor environment") {
  const test::TemporaryFolder folder;
  ::setenv("LC_ALL", "C", 1);
  Gnuplot gnuplot;
  ::unsetenv("LC_ALL");
  gnuplot.draw(example("\xC3\xA9"), folder / "a.svg", Format::svg);
  CHECK(gnuplot.finish() == "");
  CHECK(test::holds(test::bytes_of(folder / "a.svg"), "<text>\xC3\xA9</text>"));
}

TEST_CASE("without gnuplot the error names the package") {
  const test::TemporaryFolder folder;
  const OnlyPath path(folder.path());
  test::expect_error(ErrorKind::runtime, {"gnuplot was not found", "apt-get install gnuplot-nox"},
                     [] { const Gnuplot gnuplot; });
}

TEST_CASE("a folder that is not there is an output error that names it, and gnuplot lives on") {
  const test::TemporaryFolder folder;
  Gnuplot gnuplot;
  test::expect_error(ErrorKind::output, {(folder / "missing").string()},
                     [&] { gnuplot.draw(example(), folder / "missing/a.png", Format::png); });
  gnuplot.draw(example(), folder / "a.png", Format::png);
  CHECK(fs::exists(folder / "a.png"));
}

TEST_CASE("a folder that goes away while gnuplot draws is an output error that names it") {
  const test::TemporaryFolder folder;
  const fs::path plots = folder / "plots";
  std::size_t gone_at = 0;
  SUBCASE("before the file is made") {}
  SUBCASE("between two pages") { gone_at = 1; }
  Gnuplot gnuplot;
  for (int attempt = 0; attempt < 2; ++attempt) {
    fs::create_directory(plots);
    const auto make = [&](std::size_t page) {
      if (page == gone_at) fs::remove_all(plots);
      return example();
    };
    test::expect_error(ErrorKind::output, {plots.string(), "no longer"},
                       [&] { gnuplot.draw_pages(2, make, plots / "a.pdf"); });
    CHECK_FALSE(fs::exists(plots));
  }
}

TEST_CASE(
    "a script that gnuplot cannot carry out is an error with its words, the first one and a later one") {
  const test::TemporaryFolder folder;
  Gnuplot gnuplot;
  SUBCASE("the first") {}
  SUBCASE("a later one") { gnuplot.draw(example(), folder / "a.svg", Format::svg); }
  Picture impossible(paper, 200.0);
  Panel panel({40.0, 30.0, 240.0, 140.0}, Axis{1.0, 1.0, {}}, Axis{0.0, 1.0, {}});
  panel.lines(std::vector<float>{1.0F, 0.5F}, {0x0072B2, 2.0});
  impossible.add(panel);
  test::expect_error(ErrorKind::runtime, {"impossible.svg", "empty x range"},
                     [&] { gnuplot.draw(impossible, folder / "impossible.svg", Format::svg); });
  CHECK_FALSE(fs::exists(folder / "impossible.svg"));
}

TEST_CASE("a gnuplot that fails is an error with the figure's name and its words") {
  const test::TemporaryFolder folder, programs;
  const OnlyPath path(programs.path());
  SUBCASE("at once") { write_stand_in(programs.path(), "echo no terminal >&2; exit 3"); }
  SUBCASE("when asked") { write_stand_in(programs.path(), "read command; echo no terminal >&2; exit 3"); }
  Gnuplot gnuplot;
  for (int attempt = 0; attempt < 2; ++attempt) {
    test::expect_error(ErrorKind::runtime, {(folder / "a.png").string(), "no terminal"},
                       [&] { gnuplot.draw(example(), folder / "a.png", Format::png); });
  }
  CHECK(test::entries(folder.path()) == 0);
}

TEST_CASE("a killed gnuplot is an error that names the figure and the signal") {
  const test::TemporaryFolder folder, programs;
  const OnlyPath path(programs.path());
  write_stand_in(programs.path(), "kill -9 $$");
  Gnuplot gnuplot;
  test::expect_error(ErrorKind::runtime, {"a.png", "signal 9"},
                     [&] { gnuplot.draw(example(), folder / "a.png", Format::png); });
}

TEST_CASE("a file that is not whole is an output error and does not appear") {
  const test::TemporaryFolder folder, programs;
  const OnlyPath path(programs.path());
  write_stand_in(programs.path(), "read command; echo drawn; read command");
  Gnuplot gnuplot;
  test::expect_error(ErrorKind::output, {"a.png", "disk full"},
                     [&] { gnuplot.draw(example(), folder / "a.png", Format::png); });
  CHECK(test::entries(folder.path()) == 0);
}

TEST_CASE("a gnuplot that ends badly makes finish fail") {
  const test::TemporaryFolder programs;
  const OnlyPath path(programs.path());
  write_stand_in(programs.path(), "read command; echo late trouble >&2; exit 5");
  Gnuplot gnuplot;
  test::expect_error(ErrorKind::runtime, {"exit code 5", "late trouble"}, [&] { gnuplot.finish(); });
}

TEST_CASE("an unfinished gnuplot goes away with the object") {
  const test::TemporaryFolder programs;
  const OnlyPath path(programs.path());
  write_stand_in(programs.path(), "while :; do :; done");
  { const Gnuplot gnuplot; }
  CHECK(true);
}
