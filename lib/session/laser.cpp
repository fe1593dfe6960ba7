#include "session/laser.hpp"

#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace rnn_rates::session {
namespace {

/// Some trials of another recording, its tastes split or thinned out.
class ChosenTrials final : public Recording {
 public:
  struct Source {
    std::size_t taste = 0;
    std::vector<std::size_t> trials;
  };

  ChosenTrials(RecordingFacts facts, std::unique_ptr<Recording> whole, std::vector<Source> sources)
      : Recording(std::move(facts)), whole_(std::move(whole)), sources_(std::move(sources)) {}

 private:
  void read_checked(std::size_t taste, std::size_t trial, std::size_t first_ms, std::size_t last_ms,
                    std::span<double> spikes) override {
    const Source& source = sources_[taste];
    whole_->read_trial(source.taste, source.trials[trial], first_ms, last_ms, spikes);
  }

  std::unique_ptr<Recording> whole_;
  std::vector<Source> sources_;  ///< (taste)
};

/// The trials of `taste` whose laser is `on`.
Taste part_of(const Taste& taste, bool on, ChosenTrials::Source& source) {
  Taste part{.name = taste.name + (on ? "_laser" : ""), .dig_in = taste.dig_in + (on ? "_laser" : "")};
  for (std::size_t trial = 0; trial < taste.trials; ++trial) {
    if (laser_on(taste.laser_ms[trial]) != on) continue;
    source.trials.push_back(trial);
    part.laser_ms.push_back(taste.laser_ms[trial]);
    part.rows.push_back(taste.rows[trial]);
    if (!taste.times_s.empty()) part.times_s.push_back(taste.times_s[trial]);
  }
  part.trials = source.trials.size();
  return part;
}

void check_laser_known(const Recording& recording, Laser choice) {
  for (const Taste& taste : recording.tastes()) {
    if (taste.laser_ms.size() == taste.trials) continue;
    throw Error(ErrorKind::input,
                "{}: does not tell which trials of {} had the laser on; laser = \"{}\" needs "
                "laser_durations beside its spikes, or laser_duration_ms or laser among the columns of its "
                "trials. Take all trials alike with laser = \"include\".",
                recording.file().string(), taste.dig_in, word(choice));
  }
}

}  // namespace

std::array<double, 2> laser_span_ms(double duration_ms, double lag_ms) {
  if (!(duration_ms > 0)) return {0, 0};
  const double from_ms = std::isfinite(lag_ms) ? lag_ms : 0;
  return {from_ms, from_ms + duration_ms};
}

std::array<double, 2> laser_span_ms(bool on) {
  constexpr double ever = std::numeric_limits<double>::infinity();
  return on ? std::array{-ever, ever} : std::array{0.0, 0.0};
}

std::unique_ptr<Recording> treat_laser(std::unique_ptr<Recording> recording, Laser choice) {
  if (choice == Laser::include) return recording;
  check_laser_known(*recording, choice);
  if (choice == Laser::input) return recording;
  RecordingFacts facts = recording->facts();
  facts.tastes.clear();
  facts.laser_apart = choice == Laser::separate;
  std::vector<ChosenTrials::Source> sources;
  for (const bool on : {false, true}) {
    if (on && choice == Laser::exclude) break;
    for (std::size_t taste = 0; taste < recording->tastes().size(); ++taste) {
      const Taste& whole = recording->tastes()[taste];
      ChosenTrials::Source source{taste, {}};
      Taste part = part_of(whole, on, source);
      if (part.trials == 0) continue;
      facts.tastes.push_back(std::move(part));
      sources.push_back(std::move(source));
    }
  }
  if (facts.tastes.empty()) {
    throw Error(ErrorKind::input, "{}: the laser was on in all trials, none is left with laser = \"exclude\"",
                recording->file().string());
  }
  return std::make_unique<ChosenTrials>(std::move(facts), std::move(recording), std::move(sources));
}

}  // namespace rnn_rates::session
