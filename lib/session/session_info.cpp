#include "session/session_info.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>

#include "core/error.hpp"
#include "core/natural_order.hpp"
#include "core/text_file.hpp"

namespace rnn_rates::session {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json read_json_object(const fs::path& path) {
  json root = json::parse(read_text(path, ErrorKind::input, "cannot be opened"), nullptr, false);
  if (!root.is_object()) {
    throw Error(ErrorKind::input, "{}: is not a JSON object as blech_clust writes it. Mend it or restore it.",
                path.string());
  }
  return root;
}

const json& require(const json& object, const char* key, const fs::path& path) {
  const auto found = object.find(key);
  if (found == object.end()) throw Error(ErrorKind::input, "{}: the key '{}' is missing", path.string(), key);
  return *found;
}

/// Texts as they are, whole numbers as digits; empty where `object` has no list of these under `key`.
std::vector<std::string> text_list(const json& object, const char* key) {
  const json list = object.is_object() ? object.value(key, json::array()) : json::array();
  std::vector<std::string> texts;
  for (const json& entry : list) {
    if (!entry.is_string() && !entry.is_number_integer()) return {};
    texts.push_back(entry.is_string() ? entry.get<std::string>() : entry.dump());
  }
  return texts;
}

/// The digits that end `name` without leading zeros; all of `name` if it does not end in a digit.
std::string number_at_end(const std::string& name) {
  const std::size_t last_other = name.find_last_not_of("0123456789");
  const std::size_t begin = last_other == std::string::npos ? 0 : last_other + 1;
  if (begin == name.size()) return name;
  return name.substr(std::min(name.find_first_not_of('0', begin), name.size() - 1));
}

/// The dig-ins that the entries of taste_params.tastes belong to; empty where the file does not say.
std::vector<std::string> listed_dig_ins(const json& taste_params, std::size_t tastes) {
  for (const char* key : {"dig_in_names", "dig_in_nums", "dig_ins"}) {
    std::vector<std::string> listed = text_list(taste_params, key);
    if (listed.size() == tastes) return listed;
  }
  return {};
}

/// Adds the electrodes of CAR groups, which are lists of numbers, or of such lists.
void add_electrodes(const json& groups, const std::string& region, const fs::path& path,
                    std::map<std::int64_t, std::string>& regions) {
  if (groups.is_array()) {
    for (const json& group : groups) add_electrodes(group, region, path, regions);
    return;
  }
  if (!groups.is_number_integer()) {
    throw Error(ErrorKind::input,
                "{}: the key 'electrode_layout.{}' holds {}, expected lists of electrode numbers",
                path.string(), region, groups.dump());
  }
  const auto electrode = groups.get<std::int64_t>();
  const auto [at, fresh] = regions.emplace(electrode, region);
  if (!fresh && at->second != region) {
    throw Error(
        ErrorKind::input,
        "{}: electrode_layout lists electrode {} in two regions, '{}' and '{}'. Take it out of one, or "
        "ignore regions with --regions all.",
        path.string(), electrode, at->second, region);
  }
}

std::size_t whole_ms(const json& value, const fs::path& path) {
  const double ms = value.is_number() ? value.get<double>() : -1.0;
  if (!(ms >= 0.0 && ms <= 1e9 && ms == std::floor(ms))) {
    throw Error(ErrorKind::input, "{}: the key 'spike_array_durations' holds {}, expected whole ms from 0 up",
                path.string(), value.dump());
  }
  return static_cast<std::size_t>(ms);
}

}  // namespace

std::vector<std::string> read_taste_names(const fs::path& info, std::span<const std::string> dig_ins) {
  const json root = read_json_object(info);
  const json taste_params = root.value("taste_params", json::object());
  std::vector<std::string> tastes = text_list(taste_params, "tastes");
  const std::vector<std::string> listed = listed_dig_ins(taste_params, tastes.size());
  std::vector<std::string> names;
  if (listed.empty() && tastes.size() == dig_ins.size()) {
    std::vector<std::string> in_order(dig_ins.begin(), dig_ins.end());
    std::sort(in_order.begin(), in_order.end(), natural_less);
    for (const std::string& dig_in : dig_ins)
      names.push_back(tastes[static_cast<std::size_t>(std::find(in_order.begin(), in_order.end(), dig_in) -
                                                      in_order.begin())]);
    return names;
  }
  for (const std::string& dig_in : dig_ins) {
    auto found = std::find(listed.begin(), listed.end(), dig_in);
    if (found == listed.end()) {
      found = std::find_if(listed.begin(), listed.end(), [&](const std::string& other) {
        return number_at_end(other) == number_at_end(dig_in);
      });
    }
    names.push_back(found == listed.end() ? dig_in
                                          : tastes[static_cast<std::size_t>(found - listed.begin())]);
  }
  return names;
}

std::map<std::string, std::size_t> read_trial_counts(const fs::path& info) {
  const json taste_params = read_json_object(info).value("taste_params", json::object());
  const json counts = taste_params.is_object() ? taste_params.value("trial_count", json()) : json();
  std::map<std::string, std::size_t> trials;
  if (!counts.is_array()) return trials;
  const std::vector<std::string> dig_ins = text_list(taste_params, "dig_in_names");
  for (std::size_t i = 0; i < dig_ins.size() && dig_ins.size() == counts.size(); ++i) {
    if (!counts[i].is_number_unsigned()) return {};
    trials[dig_ins[i]] = counts[i].get<std::size_t>();
  }
  return trials;
}

std::string arrays_written_on(const fs::path& folder, const std::string& name) {
  const fs::path path = folder / "execution_log.json";
  const json log = fs::exists(path)
                       ? json::parse(read_text(path, ErrorKind::input, "cannot be opened"), nullptr, false)
                       : json::object();
  const json completed = log.is_object() ? log.value("completed", json::object()) : json::object();
  for (const auto& [script, time] : completed.items()) {
    if (fs::path(script).filename() == "blech_make_arrays.py" && time.is_string())
      return time.get<std::string>();
  }
  static const std::regex dated(".*_(\\d\\d)(\\d\\d)(\\d\\d)_\\d{6}");
  std::smatch date;
  if (!std::regex_match(name, date, dated)) return "";
  return fmt::format("20{}-{}-{}", date[1].str(), date[2].str(), date[3].str());
}

std::map<std::int64_t, std::string> read_electrode_layout(const fs::path& info) {
  const json root = read_json_object(info);
  const json& layout = require(root, "electrode_layout", info);
  if (!layout.is_object()) {
    throw Error(ErrorKind::input, "{}: the key 'electrode_layout' holds {}, expected region -> electrodes",
                info.string(), layout.dump());
  }
  std::map<std::int64_t, std::string> regions;
  for (const auto& [region, groups] : layout.items()) add_electrodes(groups, region, info, regions);
  return regions;
}

CutParameters read_cut_parameters(const fs::path& params) {
  const json root = read_json_object(params);
  const json& rate = require(root, "sampling_rate", params);
  if (!rate.is_number() || !(rate.get<double>() > 0.0)) {
    throw Error(ErrorKind::input, "{}: the key 'sampling_rate' holds {}, expected Hz above 0",
                params.string(), rate.dump());
  }
  const json& durations = require(root, "spike_array_durations", params);
  if (!durations.is_array() || durations.size() != 2) {
    throw Error(ErrorKind::input,
                "{}: the key 'spike_array_durations' holds {}, expected [ms before, ms after the stimulus]",
                params.string(), durations.dump());
  }
  return {rate.get<double>() / 1000.0, whole_ms(durations[0], params), whole_ms(durations[1], params)};
}

}  // namespace rnn_rates::session
