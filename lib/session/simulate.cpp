#include "session/simulate.hpp"

#include <nlohmann/json.hpp>

#include "core/atomic_file.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/stop.hpp"
#include "core/text_file.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "h5/edit.hpp"
#include "session/manifest.hpp"

namespace rnn_rates::session {
namespace {

namespace fs = std::filesystem;

/// Root attribute of a simulated recording: digest of all that was simulated.
const char* const digest_attribute = "simulated_digest";

std::string simulated_digest(const h5::File& file) {
  Digest digest;
  for (const std::string& object : h5::datasets_below(file, "/")) {
    // What infer_write --publish adds is no simulation, but is made by us too.
    if (!object.starts_with("/rnn_output/")) h5::add_to_digest(file, object, digest);
  }
  return digest.hex();
}

/// True for a simulated recording that nobody has put anything else into.
bool is_simulated(const fs::path& recording) {
  try {
    const h5::File file = h5::File::open_read(recording);
    return h5::reading([&] {
      return h5::has_attribute(file, "/", digest_attribute) &&
             h5::read_text_attribute(file, "/", digest_attribute) == simulated_digest(file);
    });
  } catch (const Error&) {
    return false;
  }
}

bool is_text(const fs::path& file, const std::string& text) {
  std::error_code failure;
  return fs::is_regular_file(file, failure) && read_text(file, ErrorKind::output, "cannot be read") == text;
}

[[noreturn]] void refuse(const fs::path& file) {
  throw Error(ErrorKind::output,
              "{}: is there already and is not a simulated file: nothing is written over it. Choose another "
              "folder for --simulate, or move it.",
              file.string());
}

void check_info(const fs::path& info, const std::string& info_text) {
  std::error_code failure;
  if (fs::symlink_status(info, failure).type() != fs::file_type::not_found && !is_text(info, info_text))
    refuse(info);
}

/// Throws Error(output) where a simulated session would replace, or lie beside, anything but one like it.
void check_only_simulated(const fs::path& recording, const fs::path& info, const std::string& info_text) {
  std::error_code failure;
  if (fs::symlink_status(recording, failure).type() != fs::file_type::not_found && !is_simulated(recording))
    refuse(recording);
  check_info(info, info_text);
  for (fs::directory_iterator entry(recording.parent_path(), failure);
       !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    const fs::path& path = entry->path();
    const bool of_a_recording = path.extension() == ".h5" || path.extension() == ".nwb";
    if (of_a_recording && path.filename().string().front() != '.' && path != recording) refuse(path);
  }
}

/// From the most to the least palatable.
std::vector<std::string> taste_names(std::size_t tastes) {
  std::vector<std::string> names = {"sucrose", "nacl", "citric_acid", "quinine"};
  for (std::size_t taste = names.size(); taste < tastes; ++taste)
    names.push_back(fmt::format("taste_{}", taste));
  names.resize(tastes);
  return names;
}

/// Averages one trial's rates over bins into its place of `truth`.
void add_truth(const Array<float, 2>& rate_hz, std::size_t row, Array<float, 3>& truth) {
  for (std::size_t unit = 0; unit < truth.extent(1); ++unit) {
    for (std::size_t bin = 0; bin < truth.extent(2); ++bin) {
      double sum = 0.0;
      for (std::size_t ms = 0; ms < simulated_bin_ms; ++ms)
        sum += static_cast<double>(rate_hz(unit, bin * simulated_bin_ms + ms));
      truth(row, unit, bin) = static_cast<float>(sum / static_cast<double>(simulated_bin_ms));
    }
  }
}

void write_recording(h5::File& file, const SimulationOptions& options) {
  const SessionModel model = draw_session_model(options);
  Array<float, 3> truth(
      {options.tastes * options.trials_per_taste, options.units, options.array_ms / simulated_bin_ms});
  Array<std::uint8_t, 3> spikes({options.trials_per_taste, options.units, options.array_ms});
  const std::size_t trial_size = options.units * options.array_ms;
  for (std::size_t taste = 0; taste < options.tastes; ++taste) {
    for (std::size_t trial = 0; trial < options.trials_per_taste; ++trial) {
      end_if_stop_requested();
      RandomStream random = trial_stream(model, taste, trial);
      const SimulatedTrial drawn = draw_trial(model, taste, trial, random);
      draw_spikes(drawn.rate_hz, random, spikes.values().subspan(trial * trial_size, trial_size));
      add_truth(drawn.rate_hz, taste * options.trials_per_taste + trial, truth);
    }
    h5::write_array(file, fmt::format("/spike_trains/dig_in_{}/spike_array", taste), spikes,
                    {"simulated spikes", "trial unit ms", "1"}, {.compress = true});
  }
  h5::write_array(
      file, "/truth/rate_hz", truth,
      {"rates that the spikes were drawn from, trials of all tastes in order", "trial unit bin", "Hz"});
  h5::write_attribute(file, "/spike_trains", "stim_ms", static_cast<double>(options.stim_ms));
  h5::write_attribute(file, "/", "source", std::string("rnn-rates, simulated session"));
  h5::write_attribute(file, "/", "real", std::int64_t{0});
  h5::write_attribute(file, "/", "seed", static_cast<std::int64_t>(options.seed));
  h5::write_attribute(file, "/", digest_attribute, simulated_digest(file));
}

std::string info_text(const std::string& name, const SimulationOptions& options) {
  nlohmann::ordered_json taste_params;
  for (std::size_t taste = 0; taste < options.tastes; ++taste) {
    taste_params["dig_in_names"].push_back(fmt::format("dig_in_{}", taste));
    taste_params["trial_count"].push_back(options.trials_per_taste);
    taste_params["pal_rankings"].push_back(options.tastes - taste);
  }
  taste_params["tastes"] = taste_names(options.tastes);
  const nlohmann::ordered_json info = {
      {"name", name}, {"taste_params", taste_params}, {"notes", "simulated"}};
  return info.dump(4) + "\n";
}

/// Both or, where one cannot be written, none.
void write_both(const fs::path& recording, const std::string& image, const fs::path& info,
                const std::string& text, const std::function<void()>& check) {
  AtomicFile info_file(info);
  info_file.write(text);
  write_file(recording, image, check);
  info_file.publish([&] { check_info(info, text); });
}

}  // namespace

void simulate_session(const std::filesystem::path& folder, const SimulationOptions& options) {
  const std::string name = session_from_path(folder).id;
  const fs::path recording = folder / (name + ".h5"), info = folder / (name + ".info");
  const std::string text = info_text(name, options);
  const auto check = [&] { check_only_simulated(recording, info, text); };
  check();
  const std::string image =
      h5::build_image(recording, [&](h5::File& file) { write_recording(file, options); });
  std::error_code unseen;
  const bool is_new = !fs::exists(folder, unseen);
  create_folders(folder);
  try {
    write_both(recording, image, info, text, check);
  } catch (...) {
    if (is_new) fs::remove(folder, unseen);  // A folder with anything in it stays.
    throw;
  }
}

}  // namespace rnn_rates::session
