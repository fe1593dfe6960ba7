#include "artifact/artifact.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "artifact/bins_file.hpp"
#include "core/atomic_file.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using test::expect_error;

namespace {

artifact::Provenance provenance(const std::string& config_text) {
  return {.inputs = {{"bins.h5", "bins", "0123"}},
          .config_text = config_text,
          .config_toml = config_text,
          .command = "test",
          .seed = 0};
}

std::string publish(const std::filesystem::path& path, const std::string& config_text, float value) {
  return artifact::publish(path, artifact::pca, provenance(config_text), [&](h5::File& file) {
    h5::write_vector<float>(file, "/values", std::vector<float>{value, 2}, {"values", "index", "1"});
  });
}

}  // namespace

TEST_CASE("content digest depends on values and names only") {
  const test::TemporaryFolder folder;
  const std::string digest = publish(folder / "a.h5", "steps = 1", 1);
  CHECK(digest.size() == 32);
  CHECK(publish(folder / "b.h5", "steps = 2", 1) == digest);
  CHECK(publish(folder / "c.h5", "steps = 1", 3) != digest);
  const auto opened = artifact::open(folder / "a.h5", artifact::pca);
  CHECK(opened.header.content_digest == digest);
  CHECK(artifact::content_digest(opened.file) == digest);
}

TEST_CASE("an artifact is up to date while its settings and inputs are the same") {
  const test::TemporaryFolder folder;
  const auto up_to_date = [&](const artifact::Provenance& now, bool force = false) {
    return artifact::open_up_to_date(folder / "a.h5", artifact::pca, now, force).has_value();
  };
  CHECK_FALSE(up_to_date(provenance("steps = 1")));
  publish(folder / "a.h5", "steps = 1", 1);
  CHECK(up_to_date(provenance("steps = 1")));
  CHECK_FALSE(up_to_date(provenance("steps = 1"), true));
  CHECK_FALSE(up_to_date(provenance("steps = 2")));
  artifact::Provenance moved = provenance("steps = 1");
  moved.inputs[0].name = "elsewhere.h5";
  CHECK(up_to_date(moved));
  moved.inputs[0].digest = "4567";
  CHECK_FALSE(up_to_date(moved));
}

TEST_CASE("what is not a finished artifact of the kind is refused, naming the stage to run") {
  const test::TemporaryFolder folder;
  const auto path = folder / "a.h5";
  const auto refused = [&](const std::vector<std::string>& words) {
    expect_error(ErrorKind::input, words, [&] { artifact::open(path, artifact::pca); });
  };
  refused({"a.h5", "not there yet", "reduce_pca"});
  publish(path, "", 1);
  expect_error(ErrorKind::input, {"kind 'pca'", "expected 'bins'", "extract_bins"},
               [&] { artifact::open(path, artifact::bins); });
  const auto edit = [&](const std::string& name, const std::string& value) {
    h5::File file = h5::File::open_edit(path);
    h5::write_attribute(file, "/", name, value);
    file.close();
  };
  edit("schema_version", "99.0");
  refused({"version 99.0", "reduce_pca --force"});
  CHECK_FALSE(artifact::open_up_to_date(path, artifact::pca, {}, false).has_value());
  edit("schema_version", std::to_string(artifact::pca.schema_major) + ".7");
  CHECK_NOTHROW(artifact::open(path, artifact::pca));
  {
    h5::File file = h5::File::open_edit(path);
    h5::write_attribute(file, "/", "complete", std::int64_t{0});
    file.close();
  }
  refused({"never finished"});
}

TEST_CASE("a file that is not ours is not overwritten unasked") {
  const test::TemporaryFolder folder;
  write_file(folder / "a.h5", "somebody's notes");
  expect_error(ErrorKind::input, {"a.h5", "--force"},
               [&] { artifact::open_up_to_date(folder / "a.h5", artifact::pca, {}, false); });
  CHECK_FALSE(artifact::open_up_to_date(folder / "a.h5", artifact::pca, {}, true).has_value());
}

TEST_CASE("a failing writer leaves the old artifact and no leftovers") {
  const test::TemporaryFolder folder;
  const std::string digest = publish(folder / "a.h5", "", 1);
  CHECK_THROWS_AS(artifact::publish(folder / "a.h5", artifact::pca, provenance(""),
                                    [](h5::File&) { throw std::runtime_error("stop"); }),
                  std::runtime_error);
  CHECK(artifact::open(folder / "a.h5", artifact::pca).header.content_digest == digest);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a failing part leaves the old artifact and no leftovers") {
  const test::TemporaryFolder folder;
  const std::string digest = publish(folder / "a.h5", "", 1);
  const std::vector<std::function<void(h5::File&)>> parts = {
      [](h5::File& file) {
        h5::write_scalar(file, "/seed", 1.0, {"a seed", "", "1"});
      },
      [](h5::File&) { throw std::runtime_error("stop"); }};
  CHECK_THROWS_AS(artifact::publish_in_parts(folder / "a.h5", artifact::pca, provenance(""), parts),
                  std::runtime_error);
  CHECK(artifact::open(folder / "a.h5", artifact::pca).header.content_digest == digest);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE(
    "an artifact of another fit, fold or session is refused, one of a session that was renamed is not") {
  const test::TemporaryFolder folder;
  const auto of = [](const std::string& session, const std::string& fit, std::optional<std::uint32_t> fold) {
    artifact::Provenance provenance = ::provenance("");
    provenance.subject = artifact::Subject{session, fit, fold};
    return provenance;
  };
  artifact::publish(folder / "a.h5", artifact::model, of("rat1", "region_all_taste_0", 1), [](h5::File&) {});
  const artifact::Opened opened = artifact::open(folder / "a.h5", artifact::model);
  const auto check = [&](const artifact::Provenance& expected) {
    artifact::check_subject(opened, artifact::model, expected);
  };
  CHECK_NOTHROW(check(of("rat1", "region_all_taste_0", 1)));
  CHECK_NOTHROW(check(of("renamed", "region_all_taste_0", 1)));
  CHECK_NOTHROW(check(::provenance("")));
  const auto refused = [&](const std::vector<std::string>& words, const artifact::Provenance& expected) {
    expect_error(ErrorKind::input, words, [&] { check(expected); });
    expect_error(ErrorKind::input, words,
                 [&] { artifact::open_up_to_date(folder / "a.h5", artifact::model, expected, false); });
  };
  refused({"a.h5", "region_all_taste_0_fold_1", "expected region_all_taste_0_fold_2", "train_rnn --force"},
          of("rat1", "region_all_taste_0", 2));
  refused({"expected region_all_taste_0."}, of("rat1", "region_all_taste_0", {}));
  refused({"expected region_all_taste_3_fold_1"}, of("rat1", "region_all_taste_3", 1));
  artifact::Provenance other = of("rat2", "region_all_taste_0", 1);
  other.inputs[0].digest = "4567";
  refused({"session 'rat1'", "expected session 'rat2'"}, other);
}

TEST_CASE("replacing the source stamp keeps content and digests") {
  const test::TemporaryFolder folder;
  const std::string digest = publish(folder / "a.h5", "", 1);
  const auto size = std::filesystem::file_size(folder / "a.h5");
  artifact::replace_source_stamp(folder / "a.h5", "new");
  CHECK(std::filesystem::file_size(folder / "a.h5") < size + 4096);
  const auto opened = artifact::open(folder / "a.h5", artifact::pca);
  CHECK(h5::read_text_attribute(opened.file, "/", "source_stamp") == "new");
  CHECK(artifact::content_digest(opened.file) == digest);
}
