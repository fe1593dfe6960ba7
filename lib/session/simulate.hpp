#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "core/array.hpp"
#include "core/random.hpp"

namespace rnn_rates::session {

struct SimulationOptions {
  std::uint64_t seed = 1;
  std::size_t tastes = 4;
  std::size_t trials_per_taste = 30;
  std::size_t units = 40;
  std::size_t array_ms = 7000;  ///< a whole number of simulated_bin_ms
  std::size_t stim_ms = 2000;   ///< from the start of the spike array
};

/// Width of the bins of the true rates that are written.
inline constexpr std::size_t simulated_bin_ms = 25;

/// Moments of one trial at which the population moves on, ms from the start of the spike array.
struct Transitions {
  double detection_ms = 0.0;
  double identity_ms = 0.0;
  double palatability_ms = 0.0;
  double end_ms = 0.0;
};

/// What all trials of a simulated session share. With c the taste, k the trial, n its place among the N
/// trials of the session (tastes come in blocks of one each, shuffled) and u the unit, the rate is
///
///   log r_u(t) = log b_u + a_u cos 2 pi (f_u n/N + phi_u)
///                + d_u D_k(t) + (i_u . v_c) I_k(t) + p_u q_c P_k(t) + s_u x_k(t),    0.1 Hz <= r_u <= 100 Hz
///
/// with the baseline b_u log-normal about 6 Hz inside 2..20 Hz, a slow drift of a_u ~ |N(0, 0.25)| and at
/// most one cycle a session, identity axes v_c of length 1.5 in three dimensions, and palatability q_c
/// falling from 1.5 to -1.5 over the tastes. Steps S(t; T) = 1 / (1 + exp(-(t - T) / w)) at a trial's own
/// transitions make
///
///   D = e_1 (S_detection - 0.7 S_identity - 0.3 S_end)
///   I = e_2 (S_identity - 0.75 S_palatability - 0.25 S_end)
///   P = e_3 (S_palatability - 0.6 S_end)
///
/// with w = 10, 12, 20, 40 ms and strengths log e ~ N(0, 0.15); x_k is an Ornstein-Uhlenbeck process of unit
/// variance and 400 ms. States that follow each other at times of their own in each trial are what taste
/// cortex shows (Jones, Fontanini, Sadacca, Miller, Katz, PNAS 104:18772, 2007; Sadacca et al., J Neurosci
/// 36:655, 2016).
struct SessionModel {
  SimulationOptions options;
  Array<std::size_t, 2> place;  ///< (taste, trial) in the session
  /// (unit) each
  std::vector<double> log_baseline, drift_size, drift_cycles, drift_phase, detection_weight, shared_weight;
  Array<double, 2> identity_weight;      ///< (taste, unit): i_u . v_c
  Array<double, 2> palatability_weight;  ///< (taste, unit): p_u q_c
};

/// Throws Error(config) where nothing is to be simulated, the array is no whole number of bins, or the
/// stimulus lies outside it.
SessionModel draw_session_model(const SimulationOptions& options);

struct SimulatedTrial {
  Transitions transitions;
  Array<float, 2> rate_hz;  ///< (unit, ms)
};

/// Random numbers of one trial; those of different trials are independent of each other.
RandomStream trial_stream(const SessionModel& model, std::size_t taste, std::size_t trial);

/// Draws transitions and rates; transitions come at gamma-distributed intervals: detection 50 + 20 G(4) ms
/// after the stimulus, identity 80 + 40 G(4) later, palatability 250 + 100 G(4) later, the end 600 + 250 G(3)
/// later.
SimulatedTrial draw_trial(const SessionModel& model, std::size_t taste, std::size_t trial,
                          RandomStream& random);

/// Draws at most one spike a ms, with probability rate * 1 ms: for rates up to 100 Hz as good as a Poisson
/// process, and of exactly the mean `rate_hz`. `rate_hz` and `spikes` (unit, ms).
void draw_spikes(const Array<float, 2>& rate_hz, RandomStream& random, std::span<std::uint8_t> spikes);

/// Writes a session with known rates (SessionModel says how they are drawn) into `folder`, which is created,
/// as blech_clust would leave it: NAME.h5, NAME being the folder's, with /spike_trains/dig_in_K/spike_array
/// uint8 (trial, unit, ms), attribute stim_ms on /spike_trains, and /truth/rate_hz float32 (trial of all
/// tastes in order, unit, bin of 25 ms); and NAME.info with the tastes' names and no electrode layout, so
/// that there is one region. Equal options give equal files. Throws Error(output), also where the folder
/// holds any recording but a simulated one of that name, and Error(config) as draw_session_model() does.
void simulate_session(const std::filesystem::path& folder, const SimulationOptions& options);

}  // namespace rnn_rates::session
