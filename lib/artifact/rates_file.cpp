#include "artifact/rates_file.hpp"

#include <algorithm>

#include "artifact/pca_file.hpp"
#include "core/natural_order.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "h5/pytables.hpp"
#include "h5/strings.hpp"

namespace rnn_rates::artifact {
namespace {

const std::string regions = "/rnn_output/regions";

void write_folds(h5::File& file, const std::string& group, const FitRates& fit, const h5::Layout& large) {
  if (fit.bin_fold.empty()) {
    h5::write_vector<std::uint32_t>(file, group + "/trial_fold", fit.trial_fold,
                                    {"fold that held each trial out", "trial", "1"});
  } else {
    h5::write_vector<std::uint32_t>(file, group + "/bin_fold", fit.bin_fold,
                                    {"fold that held each bin out", "bin", "1"});
  }
  h5::write_array(file, group + "/rate_out_of_fold_hz", fit.rate_out_of_fold_hz,
                  {"firing rates from the network that did not see the trial", "trial unit bin", "Hz"},
                  large);
  h5::write_array(file, group + "/rate_standard_error_hz", fit.rate_standard_error_hz,
                  {"standard error of the firing rates over the folds' networks", "trial unit bin", "Hz"},
                  large);
}

void write_factors(h5::File& file, const std::string& group, const FitRates& fit, const h5::Layout& large) {
  h5::write_array(file, group + "/latent_factors", fit.latent_factors,
                  {"latent factors, by falling variance of the log rates", "trial factor bin", "1"}, large);
  h5::write_array(file, group + "/factor_loadings", fit.factor_loadings,
                  {"what a factor adds to the log rates", "factor unit", "1"});
  h5::write_vector<float>(file, group + "/log_rate_offset", fit.log_rate_offset,
                          {"mean log rate, in spikes per bin", "unit", "1"});
}

void write_combination(h5::File& file, const FitRates& fit) {
  const std::string group = "/combination/" + fit.name;
  h5::write_strings(file, group + "/methods", fit.combined_methods, {"methods combined", "method", "1"});
  h5::write_vector<double>(file, group + "/weights", fit.combination_weights,
                           {"weights of the methods' log rates against the mean", "method", "1"});
  h5::write_scalar(file, group + "/shift", fit.combination_shift, {"added to the log rate", "", "1"});
}

void write_fit(h5::File& file, const FitRates& fit, const h5::Layout& large) {
  const std::string group = regions + "/" + fit.name;
  h5::write_array(file, group + "/pred_firing", fit.pred_firing,
                  {"predicted spike counts", "trial unit bin", "spikes per bin"}, large);
  h5::write_array(file, group + "/latent_out", fit.latent_out, {"latent factors", "bin trial factor", "1"},
                  large);
  h5::write_vector<std::int64_t>(file, group + "/pred_x", fit.pred_x,
                                 {"start of each predicted bin from the start of the window", "bin", "ms"});
  h5::write_array(file, group + "/rate_hz", fit.rate_hz, {"predicted firing rates", "trial unit bin", "Hz"},
                  large);
  h5::write_vector<double>(file, group + "/time_ms", fit.time_ms,
                           {"centre of each predicted bin from the stimulus", "bin", "ms"});
  h5::write_vector<std::uint32_t>(file, group + "/units", fit.units,
                                  {"indices of the session's units", "unit", "1"});
  h5::write_vector<std::uint32_t>(file, group + "/trial_taste", fit.trial_taste,
                                  {"taste of each trial", "trial", "1"});
  h5::write_vector<std::uint32_t>(file, group + "/test_trials", fit.test_trials,
                                  {"trials that the network was not trained on", "index", "1"});
  if (fit.has_folds()) write_folds(file, group, fit, large);
  if (fit.latent_factors.size() > 0) write_factors(file, group, fit, large);
  const std::size_t taste = fit.name.find("_taste_");
  h5::mark_pytables_group(file, group,
                          "Region " + fit.name.substr(7, taste - 7) + " Taste " + fit.name.substr(taste + 7));
  for (const std::string& name : h5::children(file, group)) h5::mark_pytables_array(file, group + "/" + name);
}

FitRates read_fit(const h5::File& file, const std::string& name) {
  const std::string group = regions + "/" + name;
  FitRates fit;
  fit.name = name;
  fit.pred_firing = h5::read_array<double, 3>(file, group + "/pred_firing");
  fit.latent_out = h5::read_array<float, 3>(file, group + "/latent_out");
  fit.pred_x = h5::read_vector<std::int64_t>(file, group + "/pred_x");
  fit.rate_hz = h5::read_array<float, 3>(file, group + "/rate_hz");
  fit.time_ms = h5::read_vector<double>(file, group + "/time_ms");
  fit.units = h5::read_vector<std::uint32_t>(file, group + "/units");
  fit.trial_taste = h5::read_vector<std::uint32_t>(file, group + "/trial_taste");
  fit.test_trials = h5::read_vector<std::uint32_t>(file, group + "/test_trials");
  if (h5::exists(file, group + "/rate_out_of_fold_hz")) {
    const bool by_bin = h5::exists(file, group + "/bin_fold");
    (by_bin ? fit.bin_fold : fit.trial_fold) =
        h5::read_vector<std::uint32_t>(file, group + (by_bin ? "/bin_fold" : "/trial_fold"));
    fit.rate_out_of_fold_hz = h5::read_array<float, 3>(file, group + "/rate_out_of_fold_hz");
    fit.rate_standard_error_hz = h5::read_array<float, 3>(file, group + "/rate_standard_error_hz");
  }
  if (h5::exists(file, group + "/latent_factors")) {
    fit.latent_factors = h5::read_array<float, 3>(file, group + "/latent_factors");
    fit.factor_loadings = h5::read_array<float, 2>(file, group + "/factor_loadings");
    fit.log_rate_offset = h5::read_vector<float>(file, group + "/log_rate_offset");
  }
  if (const std::string combination = "/combination/" + name; h5::exists(file, combination)) {
    fit.combined_methods = h5::read_strings(file, combination + "/methods");
    fit.combination_weights = h5::read_vector<double>(file, combination + "/weights");
    fit.combination_shift = h5::read_scalar<double>(file, combination + "/shift");
  }
  return fit;
}

void write_table(h5::File& file, const ScoreTable& table) {
  const std::string group = "/scores/" + table.fit;
  std::vector<std::string> names;
  std::vector<double> bits, co_bits;
  Array<double, 2> per_unit({table.methods.size(), table.methods.front().per_unit.size()});
  for (std::size_t i = 0; i < table.methods.size(); ++i) {
    const MethodScore& method = table.methods[i];
    names.push_back(method.name);
    bits.push_back(method.bits_per_spike);
    co_bits.push_back(method.co_bits_per_spike);
    std::copy(method.per_unit.begin(), method.per_unit.end(), &per_unit(i, 0));
    if (method.rate_hz.size() == 0) continue;
    h5::write_array(file, "/baselines/" + table.fit + "/" + method.name, method.rate_hz,
                    {"firing rates of a simpler method", "trial unit bin", "Hz"});
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
    table.methods.push_back(
        {names[i], bits[i], co_bits[i], std::vector<double>(row, row + per_unit.extent(1))});
  }
  return table;
}

void write_all(h5::File& file, const std::vector<FitRates>& fits, const std::vector<Metric>& metrics,
               const std::vector<ScoreTable>& tables, const h5::Layout& large) {
  for (const FitRates& fit : fits) write_fit(file, fit, large);
  for (const FitRates& fit : fits) {
    if (!fit.combined_methods.empty()) write_combination(file, fit);
  }
  h5::mark_pytables_group(file, "/rnn_output", "RNN Output");
  h5::mark_pytables_group(file, regions, "Region-specific RNN Output");
  h5::mark_pytables_root(file);
  for (const Metric& metric : metrics) {
    h5::write_scalar(file, "/metrics/" + metric.fit + "/" + metric.name, metric.value,
                     {metric.meaning, "", metric.units});
  }
  for (const ScoreTable& table : tables) {
    if (!table.methods.empty()) write_table(file, table);
  }
}

/// The arrays of a fit that ranks write together, with their names.
std::vector<std::pair<std::string, const Array<float, 3>*>> large_arrays(const FitRates& fit) {
  std::vector<std::pair<std::string, const Array<float, 3>*>> all = {{"latent_out", &fit.latent_out},
                                                                     {"rate_hz", &fit.rate_hz}};
  if (fit.has_folds()) {
    all.push_back({"rate_out_of_fold_hz", &fit.rate_out_of_fold_hz});
    all.push_back({"rate_standard_error_hz", &fit.rate_standard_error_hz});
  }
  if (fit.latent_factors.size() > 0) all.push_back({"latent_factors", &fit.latent_factors});
  return all;
}

/// Writes this rank's part of the first axis: equal parts one after the other.
template <class T>
void write_share(h5::File& file, const std::string& object, const Array<T, 3>& array,
                 const mpi::Group& group) {
  const auto rank = static_cast<std::size_t>(group.rank()), ranks = static_cast<std::size_t>(group.size());
  const std::size_t rows = array.extent(0), first = rows * rank / ranks;
  h5::write_rows(file, object, array, first, rows * (rank + 1) / ranks - first);
}

}  // namespace

void write_rates(h5::File& file, const std::vector<FitRates>& fits, const std::vector<Metric>& metrics,
                 const std::vector<ScoreTable>& tables) {
  write_all(file, fits, metrics, tables, {});
}

void write_rates_outline(h5::File& file, const std::vector<FitRates>& fits,
                         const std::vector<Metric>& metrics, const std::vector<ScoreTable>& tables) {
  write_all(file, fits, metrics, tables, {.later = true});
}

void write_rates_part(h5::File& file, const std::vector<FitRates>& fits, const mpi::Group& group) {
  for (const FitRates& fit : fits) {
    const std::string in = regions + "/" + fit.name + "/";
    write_share(file, in + "pred_firing", fit.pred_firing, group);
    for (const auto& [name, array] : large_arrays(fit)) write_share(file, in + name, *array, group);
  }
}

std::size_t large_bytes(const std::vector<FitRates>& fits) {
  std::size_t bytes = 0;
  for (const FitRates& fit : fits) {
    bytes += fit.pred_firing.size() * sizeof(double);
    for (const auto& [name, array] : large_arrays(fit)) bytes += array->size() * sizeof(float);
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
  for (const std::string& name : names) {
    std::size_t folds = 1;
    for (const char* by : {"/trial_fold", "/bin_fold"}) {
      const std::string fold = regions + "/" + name + by;
      if (h5::exists(file, fold)) folds = fold_count(h5::read_vector<std::uint32_t>(file, fold));
    }
    fits.push_back({name, folds});
  }
  return fits;
}

std::vector<FitRates> read_rates(const h5::File& file) {
  std::vector<FitRates> fits;
  for (const FitFolds& fit : rates_fits(file)) fits.push_back(read_fit(file, fit.name));
  return fits;
}

}  // namespace rnn_rates::artifact
