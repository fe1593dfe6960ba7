#include <doctest/doctest.h>

#include <filesystem>

#include "artifact/artifact.hpp"
#include "h5/dataset.hpp"
#include "ranks.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using test::world;

namespace {

constexpr artifact::Kind kind{"numbers", "test", 1, 0};

Array<float, 3> numbers(std::size_t rows) {
  Array<float, 3> array({rows, 5, 7});
  for (std::size_t i = 0; i < array.size(); ++i) array.values()[i] = static_cast<float>(i) * 0.5f;
  return array;
}

void write_part(h5::File& file, const Array<float, 3>& array) {
  const auto rank = static_cast<std::size_t>(world().rank()),
             ranks = static_cast<std::size_t>(world().size());
  const std::size_t rows = array.extent(0), first = rows * rank / ranks;
  h5::write_rows(file, "/a/numbers", array, first, rows * (rank + 1) / ranks - first);
}

}  // namespace

TEST_CASE("a file written by all ranks holds what one rank writes, fewer rows than ranks and none included") {
  const test::TemporaryFolder own;
  const std::string folder = world().broadcast(own.path().string());
  for (const std::size_t rows : {23ul, 2ul, 1ul, 0ul}) {
    CAPTURE(rows);
    const Array<float, 3> array = numbers(rows);
    const std::filesystem::path path = std::filesystem::path(folder) / fmt::format("{}.h5", rows);
    const std::string digest = artifact::publish_together(
        path, kind, {}, world(),
        {.outline =
             [&](h5::File& file) {
               h5::write_array(file, "/a/numbers", array, {"numbers", "row a b", "1"}, {.later = true});
               return array.size() * sizeof(float);
             },
         .values = [&](h5::File& file) { write_part(file, array); }});
    CHECK(digest == artifact::open(path, kind).header.content_digest);
    CHECK(h5::read_array<float, 3>(artifact::open(path, kind).file, "/a/numbers") == array);
    if (world().rank() == 0) {
      const std::string serial = artifact::publish(path, kind, {}, [&](h5::File& file) {
        h5::write_array(file, "/a/numbers", array, {"numbers", "row a b", "1"});
      });
      CHECK(serial == digest);
    }
    world().max(0);  // the folder goes with rank 0's test
  }
}

TEST_CASE("what fails on one rank fails on all, with its kind") {
  const auto fails_on = [](int rank) {
    world().on_all([&] {
      if (world().rank() == rank) throw Error(ErrorKind::input, "rank {} says no", rank);
    });
  };
  for (int rank = 0; rank < world().size(); ++rank) {
    ErrorKind kind_of_error = ErrorKind::bug;
    std::string message;
    try {
      fails_on(rank);
    } catch (const Error& error) {
      kind_of_error = error.kind();
      message = error.what();
    }
    CHECK(kind_of_error == ErrorKind::input);
    if (world().rank() == 0 || world().rank() == rank) CHECK(message == fmt::format("rank {} says no", rank));
  }
  CHECK_NOTHROW(fails_on(-1));
}
