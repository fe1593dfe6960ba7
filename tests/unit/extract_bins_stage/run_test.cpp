#include "extract_bins/run.hpp"

#include <doctest/doctest.h>

#include "artifact/bins_file.hpp"
#include "artifact/spikes_file.hpp"
#include "h5/dataset.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
namespace fs = std::filesystem;

namespace {

/// A simulated session, and what extract_bins makes of it.
class Session {
 public:
  Session() {
    fs::create_directory(folder_ / "out");
    const extract_bins::Options options{.input = "", .simulate = source()};
    REQUIRE(extract_bins::Stage(options).run_without_session(context({})));
  }

  /// Runs the stage; what became of bins.h5.
  run::OutputState extract(const std::vector<std::string>& settings) const {
    const extract_bins::Options options;
    return extract_bins::Stage(options).run(context(settings), session(), {}).outputs.at(0).state;
  }
  void verify(const std::vector<std::string>& settings) const {
    const extract_bins::Options options;
    extract_bins::Stage(options).verify_more(context(settings), session());
  }
  artifact::SessionBins bins() const { return artifact::read_bins(h5::File::open_read(session().bins())); }
  std::optional<artifact::WindowSpikes> spikes() const {
    return artifact::read_spikes(h5::File::open_read(session().bins()), bins());
  }
  fs::path source() const { return folder_ / "session"; }

 private:
  run::SessionFolder session() const { return {"session", source(), folder_ / "out"}; }
  static run::Context context(const std::vector<std::string>& settings) {
    run::Context context{"extract_bins", {}, {}, ""};
    context.settings = run::Settings(config::load("", settings));
    return context;
  }

  test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("wider bins hold the sums of narrower ones, and bins.h5 follows the settings that it depends on") {
  const Session session;
  CHECK(session.extract({}) == run::OutputState::computed);
  const artifact::SessionBins narrow = session.bins();
  CHECK(narrow.bins() == 120);
  CHECK(narrow.bin_edges_ms.front() == 1500);
  CHECK(narrow.stim_ms == 2000);
  REQUIRE(narrow.true_rate_hz);
  CHECK(session.extract({"train.steps=7"}) == run::OutputState::up_to_date);

  CHECK(session.extract({"bin_ms=50"}) == run::OutputState::computed);
  const artifact::SessionBins wide = session.bins();
  REQUIRE(wide.bins() == 60);
  REQUIRE(wide.counts.size() == narrow.counts.size());
  std::size_t wrong = 0;
  for (std::size_t taste = 0; taste < wide.counts.size(); ++taste) {
    const auto& counts = wide.counts[taste];
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const auto pair = &narrow.counts[taste].values()[2 * i];
      wrong += counts.values()[i] != pair[0] + pair[1];
    }
  }
  CHECK(wrong == 0);
  test::expect_error(ErrorKind::input, {session.source().string(), "time_lims_ms"},
                     [&] { session.extract({"time_lims_ms=[1500, 90000]"}); });
}

TEST_CASE("spikes are kept by the millisecond") {
  const Session session;
  session.extract({"time_lims_ms=[1500, 2500]"});
  const auto spikes = session.spikes();
  REQUIRE(spikes);
  const h5::File file = h5::File::open_read(session.source() / "session.h5");
  std::size_t trial = 0, wrong = 0;
  for (const std::string& dig_in : h5::children(file, "/spike_trains")) {
    const auto array = h5::read_array<std::uint8_t, 3>(file, "/spike_trains/" + dig_in + "/spike_array");
    for (std::size_t of_taste = 0; of_taste < array.extent(0); ++of_taste, ++trial) {
      for (std::size_t unit = 0; unit < array.extent(1); ++unit) {
        std::vector<std::uint32_t> ms;
        for (std::uint32_t at = 0; at < 1000; ++at) ms.insert(ms.end(), array(of_taste, unit, 1500 + at), at);
        wrong += !std::ranges::equal(spikes->of(trial, unit), ms);
      }
    }
  }
  CHECK(wrong == 0);
  CHECK(spikes->trials() == trial);
  CHECK(spikes->ms.size() > 1000);
}

TEST_CASE("a recording is held against the bins that were made of it") {
  const Session session;
  session.extract({});
  session.verify({});
  const test::TemporaryFolder other;
  run::Context context{"extract_bins", {}, {}, ""};
  context.settings = run::Settings(config::load("", {"seed=5"}));
  const extract_bins::Options options{.input = "", .simulate = other / "session"};
  REQUIRE(extract_bins::Stage(options).run_without_session(context));
  fs::remove_all(session.source());
  fs::copy(other / "session", session.source());
  test::expect_error(ErrorKind::input, {"its spikes are not those of", "Run extract_bins again"},
                     [&] { session.verify({}); });
}
