#include "nwb/write_rates.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <numeric>

#include "core/atomic_file.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "h5/strings.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::nwb;
using namespace rnn_rates::test;

namespace {

namespace fs = std::filesystem;

/// A session of conditions a (2 trials) and b (1), and the rates of a fit over all of them: 2 units, 2 bins,
/// 1 latent.
struct Example {
  RatesSession session{.id = "rat1_230529_110345",
                       .window_start_s = -0.1,
                       .window_end_s = 0.1,
                       .conditions = {{"a", 2}, {"b", 1}},
                       .unit_regions = {"GC", "BLA"}};
  std::vector<std::uint32_t> units{0, 1}, trial_condition{0, 0, 1};
  std::vector<double> time_ms{-50, 50};
  Array<float, 3> rate_hz{{3, 2, 2}}, latents{{3, 1, 2}, {0, 3, 1, 4, 2, 5}};

  Example() { std::iota(rate_hz.values().begin(), rate_hz.values().end(), 0.0F); }
  h5::File write(const fs::path& path) const {
    write_rates(path, session, {{"fit", units, trial_condition, time_ms, rate_hz, latents}},
                "0123456789abcdef");
    return h5::File::open_read(path);
  }
};

std::vector<double> numbers(const h5::File& file, const std::string& object) {
  return h5::read_vector<double>(file, object);
}

std::vector<float> flat(const Array<float, 2>& array) {
  return {array.values().begin(), array.values().end()};
}

std::string text(const h5::File& file, const std::string& object) {
  return h5::read_strings(file, object).front();
}

/// A recording that says who was recorded and when.
void write_source(const fs::path& path) {
  h5::File file = h5::File::create(path);
  for (const char* object :
       {"/identifier", "/session_start_time", "/timestamps_reference_time", "/session_description",
        "/general/subject/subject_id", "/general/subject/implants"})
    h5::write_variable_text(file, object, std::string("its ") + object);
  file.close();
}

}  // namespace

TEST_CASE("trials whose times are known stand in the order of recording") {
  const TemporaryFolder folder;
  Example example;
  example.session.conditions[0].stimulus_s = {30, 10};
  example.session.conditions[1].stimulus_s = {20};
  const h5::File file = example.write(folder / "rates.nwb");
  CHECK(numbers(file, "/intervals/trials/stimulus_time") == std::vector<double>{10, 20, 30});
  CHECK(numbers(file, "/intervals/trials/start_time").front() == doctest::Approx(9.9));
  CHECK(h5::read_strings(file, "/intervals/trials/condition") == std::vector<std::string>{"a", "b", "a"});
  const auto times_s = numbers(file, "/processing/rnn_rates/fit_rate/timestamps");
  REQUIRE(times_s.size() == 6);
  CHECK(times_s[1] == doctest::Approx(10.05));
  CHECK(times_s[4] == doctest::Approx(29.95));
  // Rows are bins of trials 1, 2 and 0; columns are units.
  const Array<float, 2> rates = h5::read_array<float, 2>(file, "/processing/rnn_rates/fit_rate/data");
  CHECK(flat(rates) == std::vector<float>{4, 6, 5, 7, 8, 10, 9, 11, 0, 2, 1, 3});
  const Array<float, 2> latents = h5::read_array<float, 2>(file, "/processing/rnn_rates/fit_latent/data");
  CHECK(flat(latents) == std::vector<float>{1, 4, 2, 5, 0, 3});
  CHECK(text(file, "/session_start_time") == "2023-05-29T11:03:45+00:00");
  CHECK(text(file, "/general/subject/subject_id") == "rat1");
  CHECK(text(file, "/session_description").find("made up") == std::string::npos);
  CHECK(h5::read_strings(file, "/processing/rnn_rates/units/region") ==
        std::vector<std::string>{"GC", "BLA"});
}

TEST_CASE("times that are not known of all trials are made up and called so") {
  const TemporaryFolder folder;
  for (const std::vector<double>& of_a : {std::vector<double>{}, {10, 20}}) {
    Example example;
    example.session.conditions[0].stimulus_s = of_a;
    const h5::File file = example.write(folder / "rates.nwb");
    const auto stimulus_s = numbers(file, "/intervals/trials/stimulus_time");
    REQUIRE(stimulus_s.size() == 3);
    for (std::size_t i = 0; i < 3; ++i)
      CHECK(stimulus_s[i] == doctest::Approx(0.1 + 1.2 * static_cast<double>(i)));
    CHECK(text(file, "/session_description").find("made up") != std::string::npos);
  }
}

TEST_CASE("recorded times are kept: windows that overlap stand in series of their own") {
  const TemporaryFolder folder;
  Example example;
  example.session.conditions[0].stimulus_s = {10.25, 0.05};
  example.session.conditions[1].stimulus_s = {10.1};
  const h5::File file = example.write(folder / "rates.nwb");
  CHECK(text(file, "/session_description").find("made up") == std::string::npos);
  CHECK(numbers(file, "/intervals/trials/stimulus_time") == std::vector<double>{0.05, 10.1, 10.25});
  const std::string first = "/processing/rnn_rates/fit_rate_0", second = "/processing/rnn_rates/fit_rate_1";
  CHECK_FALSE(h5::exists(file, "/processing/rnn_rates/fit_rate"));
  const auto times_s = numbers(file, first + "/timestamps");
  REQUIRE(times_s.size() == 4);
  CHECK(times_s[0] == doctest::Approx(0));
  CHECK(times_s[3] == doctest::Approx(10.15));
  CHECK(numbers(file, second + "/timestamps")[0] == doctest::Approx(10.2));
  // Trials 1 and 2, then trial 0.
  CHECK(flat(h5::read_array<float, 2>(file, first + "/data")) ==
        std::vector<float>{4, 6, 5, 7, 8, 10, 9, 11});
  CHECK(flat(h5::read_array<float, 2>(file, second + "/data")) == std::vector<float>{0, 2, 1, 3});
}

TEST_CASE("what the recording says of trials follows them, under names that are free") {
  const TemporaryFolder folder;
  Example example;
  example.session.conditions[0].stimulus_s = {30, 10};
  example.session.conditions[1].stimulus_s = {20};
  example.session.trial_columns = {{"side", std::vector<std::string>{"l", "r", "m"}},
                                   {"start_time", std::vector<double>{29, 9, 19}},
                                   {"trial_row", std::vector<std::int64_t>{7, 5, 6}}};
  const h5::File file = example.write(folder / "rates.nwb");
  CHECK(numbers(file, "/intervals/trials/trial_row") == std::vector<double>{5, 6, 7});
  CHECK(h5::read_strings(file, "/intervals/trials/side") == std::vector<std::string>{"r", "m", "l"});
  CHECK(numbers(file, "/intervals/trials/recorded_start_time") == std::vector<double>{9, 19, 29});
  CHECK(numbers(file, "/intervals/trials/start_time").front() == doctest::Approx(9.9));
}

TEST_CASE("who was recorded, and when, comes from an NWB recording") {
  const TemporaryFolder folder;
  write_source(folder / "source.nwb");
  Example example;
  example.session.source = folder / "source.nwb";
  const h5::File file = example.write(folder / "rates.nwb");
  CHECK(text(file, "/identifier") == "its /identifier_rnn_rates_01234567");
  CHECK(text(file, "/session_start_time") == "its /session_start_time");
  CHECK(text(file, "/general/subject/subject_id") == "its /general/subject/subject_id");
  CHECK(h5::read_text_attribute(file, "/general/subject", "neurodata_type") == "Subject");
  CHECK_FALSE(h5::exists(file, "/general/subject/implants"));
}

TEST_CASE("a damaged NWB recording is bad input, and nothing is written") {
  const TemporaryFolder folder;
  const fs::path path = folder / "source.nwb";
  write_source(path);
  std::ifstream stream(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  const std::size_t heap = bytes.find("GCOL");
  REQUIRE(heap != std::string::npos);
  bytes[heap] = 'X';
  write_file(path, bytes);
  Example example;
  example.session.source = path;
  expect_error(ErrorKind::input, {"source.nwb", "damaged"}, [&] { example.write(folder / "rates.nwb"); });
  CHECK_FALSE(fs::exists(folder / "rates.nwb"));
}

TEST_CASE("a file holds the rates whose digest it was written with") {
  const TemporaryFolder folder;
  const fs::path path = folder / "rates.nwb";
  CHECK_FALSE(holds_rates(path, "0123456789abcdef"));
  Example().write(path);
  CHECK(holds_rates(path, "0123456789abcdef"));
  CHECK_FALSE(holds_rates(path, "fedcba9876543210"));
  verify_rates(path);
  fs::resize_file(path, fs::file_size(path) / 2);
  CHECK_FALSE(holds_rates(path, "0123456789abcdef"));
  expect_error(ErrorKind::input, {"--nwb --force"}, [&] { verify_rates(path); });
}
