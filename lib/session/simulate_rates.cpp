#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "session/simulate.hpp"

namespace rnn_rates::session {
namespace {

constexpr std::size_t identity_dimensions = 3;
constexpr double least_hz = 0.1, greatest_hz = 100.0;

void check(const SimulationOptions& options) {
  if (options.tastes == 0 || options.trials_per_taste == 0 || options.units == 0 || options.array_ms == 0 ||
      options.array_ms % simulated_bin_ms != 0 || options.stim_ms >= options.array_ms) {
    throw Error(
        ErrorKind::config,
        "cannot simulate {} tastes x {} trials x {} units x {} ms with the stimulus at {} ms: expected at "
        "least one of each, a whole number of {} ms bins, and the stimulus inside",
        options.tastes, options.trials_per_taste, options.units, options.array_ms, options.stim_ms,
        simulated_bin_ms);
  }
}

/// Tastes come in blocks that hold each once.
Array<std::size_t, 2> draw_places(const SimulationOptions& options, RandomStream& random) {
  Array<std::size_t, 2> place({options.tastes, options.trials_per_taste});
  for (std::size_t trial = 0; trial < options.trials_per_taste; ++trial) {
    const std::vector<std::size_t> order = random.permutation(options.tastes);
    for (std::size_t i = 0; i < options.tastes; ++i) place(order[i], trial) = trial * options.tastes + i;
  }
  return place;
}

std::vector<double> draw_normals(std::size_t count, double mean, double deviation, RandomStream& random) {
  std::vector<double> values(count);
  for (double& value : values) value = mean + deviation * random.normal();
  return values;
}

std::vector<double> draw_baselines(std::size_t units, RandomStream& random) {
  std::vector<double> log_rates = draw_normals(units, std::log(6.0), 0.6, random);
  for (double& value : log_rates) value = std::clamp(value, std::log(2.0), std::log(20.0));
  return log_rates;
}

/// (taste, unit) i_u . v_c
Array<double, 2> draw_identity(const SimulationOptions& options, RandomStream& random) {
  Array<double, 2> weight({options.tastes, options.units});
  const std::vector<double> loadings = draw_normals(options.units * identity_dimensions, 0.0, 0.45, random);
  for (std::size_t taste = 0; taste < options.tastes; ++taste) {
    const std::vector<double> axis = draw_normals(identity_dimensions, 0.0, 1.0, random);
    const double length = std::hypot(axis[0], axis[1], axis[2]);
    for (std::size_t unit = 0; unit < options.units; ++unit) {
      for (std::size_t i = 0; i < identity_dimensions; ++i)
        weight(taste, unit) += loadings[unit * identity_dimensions + i] * axis[i] * 1.5 / length;
    }
  }
  return weight;
}

/// (taste, unit) p_u q_c
Array<double, 2> draw_palatability(const SimulationOptions& options, RandomStream& random) {
  Array<double, 2> weight({options.tastes, options.units});
  const std::vector<double> loadings = draw_normals(options.units, 0.0, 0.45, random);
  for (std::size_t taste = 0; taste < options.tastes; ++taste) {
    const double rank =
        static_cast<double>(taste) / static_cast<double>(std::max<std::size_t>(options.tastes - 1, 1));
    for (std::size_t unit = 0; unit < options.units; ++unit)
      weight(taste, unit) = loadings[unit] * (1.5 - 3.0 * rank);
  }
  return weight;
}

Transitions draw_transitions(double stim_ms, RandomStream& random) {
  Transitions transitions;
  transitions.detection_ms = stim_ms + 50.0 + 20.0 * random.gamma(4.0);
  transitions.identity_ms = transitions.detection_ms + 80.0 + 40.0 * random.gamma(4.0);
  transitions.palatability_ms = transitions.identity_ms + 250.0 + 100.0 * random.gamma(4.0);
  transitions.end_ms = transitions.palatability_ms + 600.0 + 250.0 * random.gamma(3.0);
  return transitions;
}

double step(double ms, double at_ms, double width_ms) {
  return 1.0 / (1.0 + std::exp((at_ms - ms) / width_ms));
}

/// Time courses of one trial that units weigh: D, I, P and x of SessionModel, (4, ms).
Array<float, 2> draw_courses(const Transitions& at, std::size_t array_ms, RandomStream& random) {
  std::array<double, 3> strength{};
  for (double& value : strength) value = std::exp(0.15 * random.normal());
  Array<float, 2> course({4, array_ms});
  constexpr double decay = 1.0 / 400.0;
  double shared = random.normal();
  for (std::size_t i = 0; i < array_ms; ++i) {
    const auto ms = static_cast<double>(i);
    const double detection = step(ms, at.detection_ms, 10.0), identity = step(ms, at.identity_ms, 12.0),
                 palatability = step(ms, at.palatability_ms, 20.0), end = step(ms, at.end_ms, 40.0);
    course(0, i) = static_cast<float>(strength[0] * (detection - 0.7 * identity - 0.3 * end));
    course(1, i) = static_cast<float>(strength[1] * (identity - 0.75 * palatability - 0.25 * end));
    course(2, i) = static_cast<float>(strength[2] * (palatability - 0.6 * end));
    course(3, i) = static_cast<float>(shared);
    shared += -decay * shared + std::sqrt(2.0 * decay) * random.normal();
  }
  return course;
}

double drift(const SessionModel& model, std::size_t unit, std::size_t place) {
  const std::size_t trials = model.options.tastes * model.options.trials_per_taste;
  const double progress = static_cast<double>(place) / static_cast<double>(trials);
  return model.drift_size[unit] *
         std::cos(2.0 * std::numbers::pi * (model.drift_cycles[unit] * progress + model.drift_phase[unit]));
}

}  // namespace

SessionModel draw_session_model(const SimulationOptions& options) {
  check(options);
  RandomStream random(derive_seed(options.seed, "simulated session"));
  SessionModel model;
  model.options = options;
  model.place = draw_places(options, random);
  model.log_baseline = draw_baselines(options.units, random);
  for (std::size_t unit = 0; unit < options.units; ++unit) {
    model.drift_size.push_back(0.25 * std::abs(random.normal()));
    model.drift_cycles.push_back(random.uniform());
    model.drift_phase.push_back(random.uniform());
  }
  model.detection_weight = draw_normals(options.units, 0.25, 0.35, random);
  model.shared_weight = draw_normals(options.units, 0.15, 0.15, random);
  model.identity_weight = draw_identity(options, random);
  model.palatability_weight = draw_palatability(options, random);
  return model;
}

RandomStream trial_stream(const SessionModel& model, std::size_t taste, std::size_t trial) {
  return RandomStream(derive_seed(model.options.seed, fmt::format("taste {} trial {}", taste, trial)));
}

SimulatedTrial draw_trial(const SessionModel& model, std::size_t taste, std::size_t trial,
                          RandomStream& random) {
  const SimulationOptions& options = model.options;
  SimulatedTrial drawn{draw_transitions(static_cast<double>(options.stim_ms), random),
                       Array<float, 2>({options.units, options.array_ms})};
  const Array<float, 2> course = draw_courses(drawn.transitions, options.array_ms, random);
  for (std::size_t unit = 0; unit < options.units; ++unit) {
    const double still = model.log_baseline[unit] + drift(model, unit, model.place(taste, trial));
    const std::array<double, 4> weight{model.detection_weight[unit], model.identity_weight(taste, unit),
                                       model.palatability_weight(taste, unit), model.shared_weight[unit]};
    for (std::size_t ms = 0; ms < options.array_ms; ++ms) {
      double log_rate = still;
      for (std::size_t i = 0; i < weight.size(); ++i)
        log_rate += weight[i] * static_cast<double>(course(i, ms));
      drawn.rate_hz(unit, ms) = static_cast<float>(std::clamp(std::exp(log_rate), least_hz, greatest_hz));
    }
  }
  return drawn;
}

void draw_spikes(const Array<float, 2>& rate_hz, RandomStream& random, std::span<std::uint8_t> spikes) {
  // One exponential number a spike is enough: hazards add up until they pass it.
  double left = -std::log(1.0 - random.uniform());
  for (std::size_t i = 0; i < rate_hz.size(); ++i) {
    left += std::log1p(-1e-3 * static_cast<double>(rate_hz.values()[i]));
    spikes[i] = left < 0.0;
    if (left < 0.0) left = -std::log(1.0 - random.uniform());
  }
}

}  // namespace rnn_rates::session
