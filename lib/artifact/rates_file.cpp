#include "artifact/rates_file.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <variant>

#include "core/error.hpp"
#include "core/natural_order.hpp"
#include "core/permute.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "h5/image.hpp"
#include "h5/pytables.hpp"
#include "h5/strings.hpp"

namespace rnn_rates::artifact {

using inference::FitRates;
using inference::FitResult;
using inference::MethodScore;
using inference::Metric;
using inference::ScoreTable;

namespace {

const std::string regions = "/rnn_output/regions";

/// The groups that hold a group or table for each fit, called by its name.
const std::string fit_groups[] = {regions, "/combination", "/scores", "/baselines", "/metrics"};

struct LargeArray {
  h5::Description description;
  std::variant<const Array<double, 3>*, const Array<float, 3>*> values;
};

/// The large arrays of a fit, by their objects. Refer to it.
class LargeArrays {
 public:
  explicit LargeArrays(const FitResult& fit) : latent_out_(permute(fit.rates.latents, {2, 0, 1})) {
    const FitRates& rates = fit.rates;
    const std::string in = regions + "/" + rates.name() + "/";
    add(in + "pred_firing", rates.pred_firing, "predicted spike counts", "trial unit bin", "spikes per bin");
    add(in + "latent_out", latent_out_, "latent factors", "bin trial factor", "1");
    add(in + "rate_hz", rates.rate_hz, "predicted firing rates", "trial unit bin", "Hz");
    if (rates.folds) {
      add(in + "rate_out_of_fold_hz", rates.folds->rate_out_of_fold_hz,
          "firing rates from the network that did not see the trial", "trial unit bin", "Hz");
      add(in + "rate_standard_error_hz", rates.folds->rate_standard_error_hz,
          "standard error of the firing rates over the folds' networks", "trial unit bin", "Hz");
    }
    if (rates.readout) {
      add(in + "latent_factors", rates.latents, "latent factors, by falling variance of the log rates",
          "trial factor bin", "1");
    }
    for (const auto& [method, rate_hz] : fit.baselines_hz) {
      add("/baselines/" + rates.name() + "/" + std::string(word(method)), rate_hz,
          "firing rates of a simpler method", "trial unit bin", "Hz");
    }
  }

  LargeArrays(const LargeArrays&) = delete;
  LargeArrays& operator=(const LargeArrays&) = delete;

  void write_all(h5::File& file, const h5::Layout& layout) const {
    for (const auto& entry : arrays_) {
      const auto& large = entry.second;
      std::visit([&](auto* array) { h5::write_array(file, entry.first, *array, large.description, layout); },
                 large.values);
    }
  }
  /// Into a dataset that is there.
  void write_rows(h5::File& file, const std::string& object) const {
    std::visit([&](auto* array) { h5::write_rows(file, object, *array, 0, array->extent(0)); },
               arrays_.at(object).values);
  }

 private:
  template <class T>
  void add(const std::string& object, const Array<T, 3>& values, const char* what, const char* axes,
           const char* units) {
    arrays_[object] = {{what, axes, units}, &values};
  }

  Array<float, 3> latent_out_;  ///< (bin, trial, factor), as the Python program has it
  std::map<std::string, LargeArray> arrays_;
};

/// Where a file has the large arrays of a fit: all that have three axes.
std::vector<std::string> large_objects(const h5::File& file, const std::string& fit) {
  std::vector<std::string> objects;
  for (const std::string& group : {regions + "/" + fit, "/baselines/" + fit}) {
    if (!h5::exists(file, group)) continue;
    for (const std::string& name : h5::children(file, group)) {
      const std::string object = group + "/" + name;
      if (h5::shape_of(file, object).size() == 3) objects.push_back(object);
    }
  }
  return objects;
}

void write_folds(h5::File& file, const std::string& group, const neural::Folds& folds) {
  if (folds.over == neural::Folds::Over::trials) {
    h5::write_vector<std::uint32_t>(file, group + "/trial_fold", folds.fold,
                                    {"fold that held each trial out", "trial", "1"});
  } else {
    h5::write_vector<std::uint32_t>(file, group + "/bin_fold", folds.fold,
                                    {"fold that held each bin out", "bin", "1"});
  }
}

neural::Folds read_folds(const h5::File& file, const std::string& group) {
  if (h5::exists(file, group + "/bin_fold"))
    return {neural::Folds::Over::bins, h5::read_vector<std::uint32_t>(file, group + "/bin_fold")};
  if (h5::exists(file, group + "/trial_fold"))
    return {neural::Folds::Over::trials, h5::read_vector<std::uint32_t>(file, group + "/trial_fold")};
  return {};
}

void write_mixture(h5::File& file, const std::string& group, const inference::Mixture& mixture) {
  std::vector<std::string> names;
  for (const inference::Method method : mixture.methods) names.emplace_back(word(method));
  h5::write_strings(file, group + "/methods", names, {"methods combined", "method", "1"});
  h5::write_vector<double>(file, group + "/weights", mixture.weights,
                           {"weights of the methods' log rates against the mean", "method", "1"});
  h5::write_scalar(file, group + "/shift", mixture.shift, {"added to the log rate", "", "1"});
}

inference::Method read_method(const h5::File& file, const std::string& object, const std::string& name) {
  if (const auto method = choice_called<inference::Method>(name)) return *method;
  throw Error(ErrorKind::input, "{}: there is no method '{}'", file.where(object), name);
}

inference::Mixture read_mixture(const h5::File& file, const std::string& group) {
  inference::Mixture mixture;
  for (const std::string& name : h5::read_strings(file, group + "/methods"))
    mixture.methods.push_back(read_method(file, group, name));
  mixture.weights = h5::read_vector<double>(file, group + "/weights");
  mixture.shift = h5::read_scalar<double>(file, group + "/shift");
  return mixture;
}

/// All but the large arrays.
void write_small(h5::File& file, const FitRates& rates) {
  const std::string group = regions + "/" + rates.name();
  h5::write_vector<std::int64_t>(file, group + "/pred_x", rates.pred_x,
                                 {"start of each predicted bin from the start of the window", "bin", "ms"});
  h5::write_vector<double>(file, group + "/time_ms", rates.time_ms,
                           {"centre of each predicted bin from the stimulus", "bin", "ms"});
  h5::write_vector<std::uint32_t>(file, group + "/units", rates.units,
                                  {"indices of the session's units", "unit", "1"});
  h5::write_vector<std::uint32_t>(file, group + "/trial_taste", rates.trial_taste,
                                  {"taste of each trial", "trial", "1"});
  h5::write_vector<std::uint32_t>(file, group + "/test_trials", rates.test_trials,
                                  {"trials that the network was not trained on", "index", "1"});
  if (rates.folds) write_folds(file, group, rates.folds->folds);
  if (rates.readout) {
    h5::write_array(file, group + "/factor_loadings", rates.readout->loadings,
                    {"what a factor adds to the log rates", "factor unit", "1"});
    h5::write_vector<float>(file, group + "/log_rate_offset", rates.readout->offset,
                            {"mean log rate, in spikes per bin", "unit", "1"});
  }
  if (rates.mixture) write_mixture(file, "/combination/" + rates.name(), *rates.mixture);
}

void mark(h5::File& file, const FitRates& rates) {
  const std::string group = regions + "/" + rates.name();
  h5::mark_pytables_group(file, group, "Region " + rates.region + " Taste " + rates.taste);
  h5::write_attribute(file, group, "region", rates.region);
  h5::write_attribute(file, group, "taste", rates.taste);
  for (const std::string& name : h5::children(file, group)) h5::mark_pytables_array(file, group + "/" + name);
}

FitRates read_fit(const h5::File& file, const std::string& name) {
  const std::string group = regions + "/" + name;
  FitRates rates;
  rates.region = h5::read_text_attribute(file, group, "region");
  rates.taste = h5::read_text_attribute(file, group, "taste");
  rates.pred_firing = h5::read_array<double, 3>(file, group + "/pred_firing");
  rates.rate_hz = h5::read_array<float, 3>(file, group + "/rate_hz");
  rates.pred_x = h5::read_vector<std::int64_t>(file, group + "/pred_x");
  rates.time_ms = h5::read_vector<double>(file, group + "/time_ms");
  rates.units = h5::read_vector<std::uint32_t>(file, group + "/units");
  rates.trial_taste = h5::read_vector<std::uint32_t>(file, group + "/trial_taste");
  rates.test_trials = h5::read_vector<std::uint32_t>(file, group + "/test_trials");
  if (neural::Folds folds = read_folds(file, group); !folds.empty()) {
    rates.folds = {std::move(folds), h5::read_array<float, 3>(file, group + "/rate_out_of_fold_hz"),
                   h5::read_array<float, 3>(file, group + "/rate_standard_error_hz")};
  }
  if (h5::exists(file, group + "/latent_factors")) {
    rates.latents = h5::read_array<float, 3>(file, group + "/latent_factors");
    rates.readout = {h5::read_array<float, 2>(file, group + "/factor_loadings"),
                     h5::read_vector<float>(file, group + "/log_rate_offset")};
  } else {
    rates.latents = permute(h5::read_array<float, 3>(file, group + "/latent_out"), {1, 2, 0});
  }
  if (const std::string combination = "/combination/" + name; h5::exists(file, combination))
    rates.mixture = read_mixture(file, combination);
  return rates;
}

void write_table(h5::File& file, const ScoreTable& table) {
  const std::string group = "/scores/" + table.fit;
  std::vector<std::string> names;
  std::vector<double> bits, co_bits;
  Array<double, 2> per_unit({table.methods.size(), table.methods.front().per_unit.size()});
  for (std::size_t i = 0; i < table.methods.size(); ++i) {
    const MethodScore& score = table.methods[i];
    names.emplace_back(word(score.method));
    bits.push_back(score.bits_per_spike);
    co_bits.push_back(score.co_bits_per_spike);
    std::copy(score.per_unit.begin(), score.per_unit.end(), &per_unit(i, 0));
  }
  h5::write_strings(file, group + "/methods", names, {"methods, best first", "method", "1"});
  h5::write_vector<double>(
      file, group + "/bits_per_spike", bits,
      {"information on spikes not seen, against each unit's mean rate", "method", "bits per spike"});
  h5::write_vector<double>(
      file, group + "/co_bits_per_spike", co_bits,
      {"the same while the whole unit is hidden in the trial", "method", "bits per spike"});
  h5::write_array(file, group + "/bits_per_spike_per_unit", per_unit,
                  {"information on spikes not seen, of each unit", "method unit", "bits per spike"});
}

ScoreTable read_table(const h5::File& file, const std::string& fit) {
  const std::string group = "/scores/" + fit;
  const auto names = h5::read_strings(file, group + "/methods");
  const auto bits = h5::read_vector<double>(file, group + "/bits_per_spike");
  const auto co_bits = h5::read_vector<double>(file, group + "/co_bits_per_spike");
  const auto per_unit = h5::read_array<double, 2>(file, group + "/bits_per_spike_per_unit");
  if (bits.size() != names.size() || co_bits.size() != names.size() || per_unit.extent(0) != names.size()) {
    throw Error(ErrorKind::input, "{}: scores of {}, {} and {} methods, expected {}", file.where(group),
                bits.size(), co_bits.size(), per_unit.extent(0), names.size());
  }
  ScoreTable table{.fit = fit, .methods = {}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double* row = per_unit.data() + i * per_unit.extent(1);
    table.methods.push_back({read_method(file, group, names[i]), bits[i], co_bits[i],
                             std::vector<double>(row, row + per_unit.extent(1))});
  }
  return table;
}

void write_metrics(h5::File& file, const std::vector<Metric>& metrics) {
  for (const Metric& metric : metrics) {
    h5::write_scalar(file, "/metrics/" + metric.fit + "/" + metric.name, metric.value,
                     {metric.meaning, "", metric.units});
  }
}

void write(h5::File& file, const FitResult& fit, const h5::Layout& large) {
  LargeArrays(fit).write_all(file, large);
  write_small(file, fit.rates);
  mark(file, fit.rates);
  if (!fit.table.methods.empty()) write_table(file, fit.table);
  write_metrics(file, fit.metrics);
}

}  // namespace

void write_fit(h5::File& file, const FitResult& fit) { write(file, fit, {}); }

void write_session(h5::File& file, const std::vector<Metric>& metrics) {
  h5::mark_pytables_group(file, "/rnn_output", "RNN Output");
  h5::mark_pytables_group(file, regions, "Region-specific RNN Output");
  h5::mark_pytables_root(file);
  write_metrics(file, metrics);
}

std::string fit_outline(const FitResult& fit) {
  return h5::build_image(fit.rates.name(), [&](h5::File& file) { write(file, fit, {.later = true}); });
}

void add_outline(h5::File& file, const std::string& outline) {
  const h5::File of_fit = h5::open_image("outline of a fit", outline);
  for (const std::string& group : fit_groups) {
    if (!h5::exists(of_fit, group)) continue;
    for (const std::string& name : h5::children(of_fit, group))
      h5::copy(of_fit, group + "/" + name, file, group + "/" + name);
  }
}

void write_large_arrays(h5::File& file, const std::string& name, const FitResult* fit) {
  std::optional<LargeArrays> arrays;
  if (fit != nullptr) arrays.emplace(*fit);
  for (const std::string& object : large_objects(file, name)) {
    if (arrays) {
      arrays->write_rows(file, object);
    } else {
      h5::write_no_rows(file, object);
    }
  }
}

std::size_t large_bytes(const h5::File& file) {
  std::size_t bytes = 0;
  for (const std::string& name : h5::children(file, regions)) {
    for (const std::string& object : large_objects(file, name)) {
      std::size_t size = object.ends_with("/pred_firing") ? sizeof(double) : sizeof(float);
      for (const std::size_t extent : h5::shape_of(file, object)) size *= extent;
      bytes += size;
    }
  }
  return bytes;
}

std::vector<ScoreTable> read_score_tables(const h5::File& file) {
  std::vector<ScoreTable> tables;
  if (!h5::exists(file, "/scores")) return tables;
  std::vector<std::string> fits = h5::children(file, "/scores");
  std::sort(fits.begin(), fits.end(), natural_less);
  for (const std::string& fit : fits) tables.push_back(read_table(file, fit));
  return tables;
}

std::vector<Metric> read_metrics(const h5::File& file) {
  std::vector<Metric> metrics;
  if (!h5::exists(file, "/metrics")) return metrics;
  for (const std::string& fit : h5::children(file, "/metrics")) {
    for (const std::string& name : h5::children(file, "/metrics/" + fit)) {
      const std::string object = "/metrics/" + fit + "/" + name;
      metrics.push_back({fit, name, h5::read_text_attribute(file, object, "long_name"),
                         h5::read_text_attribute(file, object, "units"),
                         h5::read_scalar<double>(file, object)});
    }
  }
  return metrics;
}

std::vector<FitFolds> rates_fits(const h5::File& file) {
  std::vector<std::string> names = h5::children(file, regions);
  std::sort(names.begin(), names.end(), natural_less);
  std::vector<FitFolds> fits;
  fits.reserve(names.size());
  for (const std::string& name : names)
    fits.push_back({name, read_folds(file, regions + "/" + name).count()});
  return fits;
}

std::vector<FitRates> read_rates(const h5::File& file) {
  std::vector<FitRates> fits;
  for (const FitFolds& fit : rates_fits(file)) fits.push_back(read_fit(file, fit.name));
  return fits;
}

}  // namespace rnn_rates::artifact
