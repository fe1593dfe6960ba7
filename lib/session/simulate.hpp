#pragma once

#include <filesystem>

#include "session/simulate_rates.hpp"

namespace rnn_rates::session {

/// Writes a session with known rates (SessionModel says how they are drawn) into `folder`, which is created,
/// as blech_clust would leave it: NAME.h5, NAME being the folder's, with /spike_trains/dig_in_K/spike_array
/// uint8 (trial, unit, ms), attribute stim_ms on /spike_trains, and /truth/rate_hz float32 (trial of all
/// tastes in order, unit, bin of 25 ms); and NAME.info with the tastes' names and no electrode layout, so
/// that there is one region. Equal options give equal files. Throws Error(output), also where the folder
/// holds any recording but a simulated one of that name, and Error(config) as draw_session_model() does.
void simulate_session(const std::filesystem::path& folder, const SimulationOptions& options);

}  // namespace rnn_rates::session
