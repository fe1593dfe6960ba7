#include "h5/dataset.hpp"

#include <doctest/doctest.h>
#include <hdf5.h>

#include <fstream>
#include <functional>
#include <numeric>

#include "h5/attribute.hpp"
#include "h5/edit.hpp"
#include "h5/strings.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using test::expect_error;

namespace {

const h5::Description anything{"anything", "a b", "1"};

Array<float, 3> counting(std::size_t a, std::size_t b, std::size_t c) {
  Array<float, 3> array({a, b, c});
  std::iota(array.values().begin(), array.values().end(), 0.5f);
  return array;
}

}  // namespace

TEST_CASE("no object of a file keeps the time at which it was made") {
  const test::TemporaryFolder folder;
  {
    h5::File file = h5::File::create(folder / "a.h5");
    h5::write_vector<double>(file, "/group/vector", std::vector<double>{1.5}, anything);
    h5::write_strings(file, "/names", std::vector<std::string>{"sucrose"}, anything);
    file.close();
  }
  const h5::File file = h5::File::open_read(folder / "a.h5");
  for (const char* path : {"/", "/group", "/group/vector", "/names"}) {
    CAPTURE(path);
    H5O_info_t info{};
    REQUIRE(H5Oget_info_by_name(file.id(), path, &info, H5P_DEFAULT) >= 0);
    CHECK(info.ctime == 0);
    CHECK(info.mtime == 0);
  }
}

TEST_CASE("arrays, vectors, scalars and texts come back as written") {
  const test::TemporaryFolder folder;
  const Array<float, 3> array = counting(3, 4, 5);
  const std::vector<std::string> names = {"sucrose", "", "\xc3\xbc bitter"};
  {
    h5::File file = h5::File::create(folder / "a.h5");
    h5::write_array(file, "/deep/group/array", array, anything, {.compress = true});
    h5::write_vector<double>(file, "/vector", std::vector<double>{1.5, -2.0}, anything);
    h5::write_vector<double>(file, "/empty", std::vector<double>{}, anything);
    h5::write_scalar(file, "/scalar", std::uint64_t{18446744073709551615u}, anything);
    h5::write_strings(file, "/names", names, anything);
    h5::write_strings(file, "/no_names", {}, anything);
    h5::write_attribute(file, "/", "text", std::string("hello"));
    h5::write_attribute(file, "/", "text", std::string(""));
    h5::write_attribute(file, "/", "number", 2.5);
    file.close();
  }
  const h5::File file = h5::File::open_read(folder / "a.h5");
  CHECK(h5::read_array<float, 3>(file, "/deep/group/array") == array);
  CHECK(h5::read_array<double, 3>(file, "/deep/group/array")(2, 3, 4) == 59.5);
  CHECK(h5::read_vector<float>(file, "/vector") == std::vector<float>{1.5f, -2.0f});
  CHECK(h5::read_vector<double>(file, "/empty").empty());
  CHECK(h5::read_scalar<std::uint64_t>(file, "/scalar") == 18446744073709551615u);
  CHECK(h5::read_strings(file, "/names") == names);
  CHECK(h5::read_strings(file, "/no_names").empty());
  CHECK(h5::read_text_attribute(file, "/", "text").empty());
  CHECK(h5::read_number_attribute(file, "/", "number") == 2.5);
  CHECK(h5::datasets_below(file, "/") ==
        std::vector<std::string>{"/deep/group/array", "/empty", "/names", "/no_names", "/scalar", "/vector"});
}

TEST_CASE("texts of variable length come back, a scalar as one") {
  const test::TemporaryFolder folder;
  std::vector<std::string> many;
  many.reserve(1000);
  for (int i = 0; i < 1000; ++i) many.push_back("text " + std::to_string(i));
  {
    h5::File file = h5::File::create(folder / "a.h5");
    h5::write_variable_texts(file, "/many", many);
    h5::write_variable_texts(file, "/none", {});
    h5::write_variable_text(file, "/one", "alone");
    file.close();
  }
  const h5::File file = h5::File::open_read(folder / "a.h5");
  CHECK(h5::read_strings(file, "/many") == many);
  CHECK(h5::read_strings(file, "/none").empty());
  CHECK(h5::read_strings(file, "/one") == std::vector<std::string>{"alone"});
}

TEST_CASE("a block of a dataset is read alone") {
  const test::TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "a.h5");
  h5::write_array(file, "/array", counting(3, 4, 5), anything);
  const h5::Dataset dataset(file, "/array");
  std::vector<double> block(4);
  dataset.read_block<double>(std::vector<std::size_t>{1, 2, 1}, std::vector<std::size_t>{1, 2, 2}, block);
  CHECK(block == std::vector<double>{31.5, 32.5, 36.5, 37.5});
}

namespace {

/// Writes numbers counted up, packed in chunks of `chunk`.
void write_packed(h5::File& file, const std::string& object, const std::vector<hsize_t>& shape,
                  const std::vector<hsize_t>& chunk) {
  const hsize_t size = std::accumulate(shape.begin(), shape.end(), hsize_t{1}, std::multiplies<>());
  std::vector<std::int32_t> values(size);
  std::iota(values.begin(), values.end(), 0);
  const int rank = static_cast<int>(shape.size());
  const h5::Handle space(H5Screate_simple(rank, shape.data(), nullptr), object);
  const h5::Handle properties(H5Pcreate(H5P_DATASET_CREATE), object);
  h5::check(H5Pset_chunk(properties.get(), rank, chunk.data()), object);
  h5::check(H5Pset_deflate(properties.get(), 1), object);
  const h5::Handle dataset(H5Dcreate2(file.id(), object.c_str(), H5T_NATIVE_INT32, space.get(), H5P_DEFAULT,
                                      properties.get(), H5P_DEFAULT),
                           object);
  h5::check(H5Dwrite(dataset.get(), H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), object);
}

std::size_t bytes_kept_unpacked(const h5::Dataset& dataset) {
  const h5::Handle access(H5Dget_access_plist(dataset.id()), dataset.where());
  std::size_t places = 0, bytes = 0;
  h5::check(H5Pget_chunk_cache(access.get(), &places, &bytes, nullptr), dataset.where());
  return bytes;
}

}  // namespace

TEST_CASE("what one index of the first axis needs is unpacked once") {
  const test::TemporaryFolder folder;
  {
    h5::File file = h5::File::create(folder / "a.h5");
    write_packed(file, "/array", {6, 10, 9000}, {4, 3, 5000});
    write_packed(file, "/vector", {500'000}, {1000});
    write_packed(file, "/small", {100}, {10});
    file.close();
  }
  const h5::File file = h5::File::open_read(folder / "a.h5");
  const h5::Dataset array(file, "/array");
  CHECK(bytes_kept_unpacked(array) >= 4 * 10 * 9000 * sizeof(std::int32_t));
  CHECK(bytes_kept_unpacked(h5::Dataset(file, "/vector")) >= 500'000 * sizeof(std::int32_t));
  CHECK(bytes_kept_unpacked(h5::Dataset(file, "/small")) == 1 << 20);
  for (std::size_t index = 0; index < 6; ++index) {
    std::vector<std::int32_t> row(10 * 9000);
    array.read_block<std::int32_t>(std::array<std::size_t, 3>{index, 0, 0},
                                   std::array<std::size_t, 3>{1, 10, 9000}, row);
    CHECK(row.front() == static_cast<std::int32_t>(index * 90'000));
    CHECK(row.back() == static_cast<std::int32_t>(index * 90'000 + 89'999));
  }
}

TEST_CASE("an array of more than a hundred megabytes comes back whole") {
  const test::TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "a.h5");
  const Array<float, 3> array = counting(7, 5, 900'001);
  h5::write_array(file, "/array", array, anything);
  CHECK(h5::read_array<float, 3>(file, "/array") == array);
}

TEST_CASE("what cannot be read is an input error that names file and object") {
  const test::TemporaryFolder folder;
  {
    h5::File file = h5::File::create(folder / "a.h5");
    h5::write_array(file, "/array", counting(3, 4, 5), anything);
    h5::write_strings(file, "/names", std::vector<std::string>{"x"}, anything);
    file.close();
  }
  const h5::File file = h5::File::open_read(folder / "a.h5");
  expect_error(ErrorKind::input, {"a.h5:/nothing/here", "no such dataset"},
               [&] { h5::read_vector<float>(file, "/nothing/here"); });
  expect_error(ErrorKind::input, {"a.h5:/array", "3 axes", "3 x 4 x 5", "expected 1"},
               [&] { h5::read_vector<float>(file, "/array"); });
  expect_error(ErrorKind::input, {"a.h5:/names", "no numbers"},
               [&] { h5::read_vector<float>(file, "/names"); });
  expect_error(ErrorKind::input, {"a.h5:/array", "no text"}, [&] { h5::read_strings(file, "/array"); });
  expect_error(ErrorKind::input, {"a.h5:/", "attribute 'absent'"},
               [&] { h5::read_text_attribute(file, "/", "absent"); });
  expect_error(ErrorKind::input, {"missing.h5", "no such file"},
               [&] { h5::File::open_read(folder / "missing.h5"); });
}

TEST_CASE("one flipped byte in an array is found when it is read") {
  const test::TemporaryFolder folder;
  const Array<float, 3> array = counting(1, 64, 64);
  {
    h5::File file = h5::File::create(folder / "a.h5");
    h5::write_array(file, "/array", array, anything);
    file.close();
  }
  std::fstream stream(folder / "a.h5", std::ios::in | std::ios::out | std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  const std::string needle(reinterpret_cast<const char*>(&array(0, 32, 0)), 4 * sizeof(float));
  const std::size_t at = bytes.find(needle);
  REQUIRE(at != std::string::npos);
  stream.seekp(static_cast<std::streamoff>(at));
  stream.put(static_cast<char>(bytes[at] ^ 1));
  stream.close();
  const h5::File file = h5::File::open_read(folder / "a.h5");
  expect_error(ErrorKind::input, {"a.h5:/array", "damaged"},
               [&] { h5::read_array<float, 3>(file, "/array"); });
}

TEST_CASE("truncated and foreign files are refused") {
  const test::TemporaryFolder folder;
  {
    h5::File file = h5::File::create(folder / "a.h5");
    h5::write_array(file, "/array", counting(8, 8, 8), anything);
    file.close();
  }
  std::filesystem::resize_file(folder / "a.h5", std::filesystem::file_size(folder / "a.h5") - 100);
  expect_error(ErrorKind::input, {"a.h5", "not a whole HDF5 file"},
               [&] { h5::File::open_read(folder / "a.h5"); });
  std::ofstream(folder / "text.h5") << "not HDF5";
  expect_error(ErrorKind::input, {"text.h5", "not a whole HDF5 file"},
               [&] { h5::File::open_read(folder / "text.h5"); });
}

TEST_CASE("a list may have further axes of length 1, as MatNWB writes columns") {
  const test::TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "a.h5");
  for (const auto& [object, shape] :
       {std::pair{"/column", std::array<std::size_t, 2>{3, 1}}, {"/row", {1, 3}}}) {
    h5::write_array(file, object, Array<double, 2>(shape, 0.5), anything);
    CHECK(h5::read_vector<double>(file, object) == std::vector<double>(3, 0.5));
    std::vector<double> last(2);
    h5::Dataset(file, object).read_elements<double>(1, std::span(last));
    CHECK(last == std::vector<double>(2, 0.5));
    h5::detail::write(file, std::string(object) + "_of_text", h5::Handle(H5Tcopy(H5T_C_S1), "text").get(),
                      shape, "abc", anything, {});
    CHECK(h5::read_strings(file, std::string(object) + "_of_text") ==
          std::vector<std::string>{"a", "b", "c"});
  }
  h5::write_array(file, "/table", Array<double, 2>({3, 2}), anything);
  expect_error(ErrorKind::input, {"/table", "2 axes (3 x 2), expected 1"},
               [&] { h5::read_vector<double>(file, "/table"); });
}

TEST_CASE("bit fields, which PyTables stores booleans as, are numbers") {
  const test::TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "a.h5");
  const std::array<std::size_t, 2> shape{2, 2};
  const std::array<std::uint8_t, 4> stored{1, 0, 0, 1};
  h5::detail::write(file, "/spikes", H5T_NATIVE_B8, shape, stored.data(), anything, {.compress = true});
  CHECK(h5::Dataset(file, "/spikes").is_boolean());
  CHECK(h5::read_array<double, 2>(file, "/spikes")(1, 1) == 1.0);
  CHECK(h5::read_array<double, 2>(file, "/spikes")(0, 1) == 0.0);
  CHECK(h5::read_array<std::uint8_t, 2>(file, "/spikes")(0, 0) == 1);
}

TEST_CASE("a filter that is not there is named, with what to do") {
  const test::TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "a.h5");
  for (const auto& [id, name] : {std::pair{32015, "zstd"}, {32026, "blosc2"}, {300, "unknown"}}) {
    const h5::Handle properties(H5Pcreate(H5P_DATASET_CREATE), "properties");
    const hsize_t size = 4;
    h5::check(H5Pset_chunk(properties.get(), 1, &size), "chunk");
    h5::check(H5Pset_filter(properties.get(), id, H5Z_FLAG_OPTIONAL, 0, nullptr), "filter");
    const h5::Handle space(H5Screate_simple(1, &size, nullptr), "space");
    const std::string object = std::string("/packed_with_") + name;
    h5::Handle(H5Dcreate2(file.id(), object.c_str(), H5T_NATIVE_DOUBLE, space.get(), H5P_DEFAULT,
                          properties.get(), H5P_DEFAULT),
               "dataset");
    expect_error(ErrorKind::input,
                 {object, fmt::format("'{}' ({})", name, id), "HDF5_PLUGIN_PATH", "h5repack"},
                 [&] { h5::read_vector<double>(file, object); });
  }
}

TEST_CASE("two files written alike are alike byte for byte") {
  const test::TemporaryFolder folder;
  const auto write = [&](const std::string& name) {
    h5::File file = h5::File::create(folder / name);
    h5::write_array(file, "/group/array", counting(3, 4, 5), anything);
    file.close();
    std::ifstream stream(folder / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  CHECK(write("a.h5") == write("b.h5"));
}

TEST_CASE("a file built in memory is the file that HDF5 would have written") {
  const test::TemporaryFolder folder;
  const Array<float, 3> array = counting(3, 40, 50);
  const auto fill = [&](h5::File& file) {
    h5::write_array(file, "/group/array", array, anything);
    h5::write_scalar(file, "/scalar", 2.5, anything);
  };
  const std::string image = h5::build_image(folder / "a.h5", fill);
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK(image.size() < 2 * array.size() * sizeof(float));
  std::ofstream(folder / "a.h5", std::ios::binary) << image;
  const h5::File file = h5::File::open_read(folder / "a.h5");
  CHECK(h5::read_array<float, 3>(file, "/group/array") == array);
  CHECK(h5::read_scalar<double>(file, "/scalar") == 2.5);
}
