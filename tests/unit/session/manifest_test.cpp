#include "session/manifest.hpp"

#include <doctest/doctest.h>

#include "core/characters.hpp"
#include "session_folder.hpp"
#include "support/byte_pairs.hpp"

using namespace rnn_rates;
using namespace rnn_rates::session;
using namespace rnn_rates::test;

namespace {

std::vector<SessionSpec> read(const TemporaryFolder& folder, const std::string& text) {
  write_file(folder / "sessions.tsv", text);
  return read_manifest(folder / "sessions.tsv");
}

void refused(const std::string& text, const std::vector<std::string>& words) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::input, words, [&] { read(folder, text); });
}

}  // namespace

TEST_CASE("a session is called like its folder or its file without .h5") {
  CHECK(session_from_path("/data/rat1_day2").id == "rat1_day2");
  CHECK(session_from_path("/data/rat1_day2/").id == "rat1_day2");
  CHECK(session_from_path("/data/rat1.day2/").id == "rat1.day2");
  CHECK(session_from_path("/data/rat1/../rat2/.").id == "rat2");
  CHECK(session_from_path("/data/rat1.h5").id == "rat1");
  CHECK(session_from_path("/data/rat1.nwb").id == "rat1");
  CHECK(session_from_path("rat1/").path == "rat1/");
  CHECK(session_from_path(".").id == fs::current_path().filename());
  CHECK(session_from_path("..").id == fs::current_path().parent_path().filename());
  const TemporaryFolder folder;
  fs::create_directory(folder / "named.h5");
  CHECK(session_from_path(folder / "named.h5").id == "named.h5");
  for (const char* nameless : {"", "/", "/.."}) {
    expect_error(ErrorKind::input, {"names no session"}, [&] { session_from_path(nameless); });
  }
}

TEST_CASE("a list of sessions has paths, ids where wanted, comments and a header") {
  const TemporaryFolder folder;
  const auto specs = read(folder,
                          "# all of them\n\n"
                          "path\tid\r\n"
                          "rat1/day1\trat1_day1\r\n"
                          "rat2/day1/\t\n"
                          "  \n"
                          "/data/rat 3.h5\n");
  REQUIRE(specs.size() == 3);
  CHECK(specs[0].id == "rat1_day1");
  CHECK(specs[0].path == folder / "rat1/day1");
  CHECK(specs[1].id == "day1");
  CHECK(specs[1].path == folder / "rat2/day1/");
  CHECK(specs[2].id == "rat 3");
  CHECK(specs[2].path == "/data/rat 3.h5");
}

TEST_CASE("a list that a spreadsheet wrote is read, or refused as what it is") {
  const TemporaryFolder folder;
  for (const char* text : {"\xef\xbb\xbfpath\tid\r\na\tone\r\nb\ttwo\r\n",
                           "\xef\xbb\xbf"
                           "a\tone\nb\ttwo\n",
                           "path\tid\t\t\t\na\tone\t\t\t\nb\ttwo\t\t\t\n\t\t\t\t\n",
                           "a\tone\t\t\t\nb\ttwo\t \t\n", "path\tid\ra\tone\rb\ttwo\r"}) {
    const auto specs = read(folder, text);
    REQUIRE(specs.size() == 2);
    CHECK(specs[0].id == "one");
    CHECK(specs[0].path == folder / "a");
    CHECK(specs[1].id == "two");
  }
  refused("# all\npath,id\na,one\n", {"line 2", "','", "tabs"});
  refused("\xef\xbb\xbfpath;id\na;one\n", {"line 1", "';'", "tabs"});
  refused(std::string("\xff\xfep\0a\0t\0h\0", 10), {"sessions.tsv", "UTF-16", "UTF-8"});
  refused(std::string("\xfe\xff\0p\0a\0t\0h", 10), {"UTF-16"});
  CHECK(read(folder, "a,b\tone, two\n").front().id == "one, two");
}

TEST_CASE("a header is optional and only the first line can be one") {
  const TemporaryFolder folder;
  CHECK(read(folder, "path\na\n").size() == 1);
  CHECK(read(folder, "a").front().id == "a");
  CHECK(read(folder, "a\npath\n").back().id == "path");
}

TEST_CASE("further columns of the header are settings of single sessions") {
  const TemporaryFolder folder;
  const auto specs = read(folder,
                          "path\tid\ttime_lims_ms\tmodel.hidden_size\n"
                          "a\tone\t[1000, 3000]\t16\n"
                          "b\t\t\t4\n"
                          "c\n");
  REQUIRE(specs.size() == 3);
  CHECK(specs[0].id == "one");
  CHECK(specs[0].overrides == std::vector<std::string>{"time_lims_ms=[1000, 3000]", "model.hidden_size=16"});
  CHECK(specs[1].id == "b");
  CHECK(specs[1].overrides == std::vector<std::string>{"model.hidden_size=4"});
  CHECK(specs[2].overrides.empty());
  CHECK(read(folder, "path\tbin_ms\nx/y\t50\n").front().overrides == std::vector<std::string>{"bin_ms=50"});
}

TEST_CASE("a pattern finds sessions in order of their names") {
  const TemporaryFolder folder;
  for (const char* name : {"rat2", "rat10", "rat1", "mouse"}) fs::create_directory(folder / name);
  std::vector<std::string> ids;
  for (const SessionSpec& spec : sessions_of_pattern((folder / "rat*").string())) ids.push_back(spec.id);
  CHECK(ids == std::vector<std::string>{"rat1", "rat10", "rat2"});
  expect_error(ErrorKind::input, {"cat*", "no session"},
               [&] { sessions_of_pattern((folder / "cat*").string()); });
}

TEST_CASE("a cell of a list is read as it was written, whatever two bytes are in it, or refused") {
  const TemporaryFolder folder;
  std::string list;
  std::vector<std::string> texts;
  for_all_byte_pairs([&](const std::string& pair) {
    const std::string text = "/a" + pair;
    if (has_control_characters(text) || text.ends_with(' ')) {
      REQUIRE_THROWS_AS(list_cell(text), Error);
    } else {
      list += fmt::format("{}\tid{}\n", list_cell(text), texts.size());
      texts.push_back(text);
    }
  });
  const std::vector<SessionSpec> specs = read(folder, list);
  REQUIRE(specs.size() == texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) REQUIRE(specs[i].path == texts[i]);
}

TEST_CASE("a list that cannot be used is refused with the line") {
  refused("# comment\na\tone\nb\tone\n", {"sessions.tsv line 3", "'one'", "line 2"});
  refused("x/a\ny/a\n", {"line 2", "'a'", "line 1", "second column"});
  refused("a\n\tid\n", {"line 2", "no path"});
  refused("a\tb\tc\n", {"line 1", "3 columns"});
  refused("path\tid\tbin_ms\na\tb\t25\t30\n", {"line 2", "4 columns", "path, id, bin_ms"});
  refused("a\tb/c\n", {"line 1", "'b/c'"});
  refused("a\t..\n", {"line 1", "'..'"});
  refused("a\tb\x01\n", {"line 1", "cannot be a folder's name"});
  expect_error(ErrorKind::input, {"line breaks"}, [] { session_from_path("/data/a\nb"); });
  refused("# nothing\n", {"sessions.tsv", "names no session"});
  const TemporaryFolder folder;
  expect_error(ErrorKind::input, {"nowhere.tsv"}, [&] { read_manifest(folder / "nowhere.tsv"); });
  expect_error(ErrorKind::input, {"cannot be opened"}, [&] { read_manifest(folder.path()); });
}
