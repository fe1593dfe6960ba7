#include "artifact/rates_file.hpp"

#include "artifact/columns_file.hpp"
#include "artifact/fields.hpp"
#include "artifact/knowledge_file.hpp"
#include "h5/attribute.hpp"
#include "h5/pytables.hpp"

namespace rnn_rates::artifact {

using inference::FitRates;
using inference::FitResult;
using inference::Method;
using inference::Metric;

namespace {

const std::string regions = "/rnn_output/regions", baselines = "/baselines";

/// The groups that hold a group or table for each fit, called by its name.
const std::string fit_groups[] = {regions,   "/combination", "/calibration", "/scores",
                                  baselines, "/metrics",     "/verdicts"};

void write_large(h5::File& file, const FitResult& fit) {
  const FitRates& rates = fit.rates;
  const std::string in = regions + "/" + rates.name() + "/";
  const std::vector<Method> network = {Method::rnn};
  const std::vector<Method>& combined = rates.mixture ? rates.mixture->methods : network;
  const auto write = [&](const std::string& object, const std::vector<Method>& made_by, const auto& values,
                         const char* what, const char* units = "Hz", const char* axes = "trial unit bin") {
    h5::write_array(file, object, values, {what, axes, units});
    if (fit.scope) write_knowledge(file, object, inference::knowledge_of(made_by, *fit.scope));
  };
  write(in + "pred_firing", combined, rates.pred_firing, "predicted spike counts", "spikes per bin");
  // As the Python program has it.
  write(in + "latent_out", network, permute(rates.latents, {2, 0, 1}), "latent factors", "1",
        "bin trial factor");
  write(in + "rate_hz", combined, rates.rate_hz, "predicted firing rates");
  if (rates.folds) {
    write(in + "rate_out_of_fold_hz", combined, rates.folds->rate_out_of_fold_hz,
          "firing rates from the network that did not see the trial");
    write(in + "rate_standard_error_hz", combined, rates.folds->rate_standard_error_hz,
          "standard error of the log rate, times the rate");
  }
  if (rates.readout) {
    write(in + "latent_factors", network, rates.latents,
          "latent factors, by falling variance of the log rates", "1", "trial factor bin");
  }
  if (!fit.baselines_hz) return;
  h5::create_group(file, baselines + "/" + rates.name());
  for (const auto& [method, rate_hz] : *fit.baselines_hz) {
    write(baselines + "/" + rates.name() + "/" + std::string(word(method)), {method}, rate_hz,
          "firing rates of a simpler method");
  }
}

template <class Io, class Mixture>
void mixture_fields(const Io& io, Mixture& mixture) {
  io("weights", mixture.weights, {"weights of the methods' log rates against the mean", "method", "1"});
  io("shift", mixture.shift, {"added to the log rate", "", "1"});
}

template <class Io, class Calibration>
void calibration_fields(const Io& io, Calibration& calibration) {
  io("predicted_hz", calibration.predicted_hz,
     {"mean predicted rate of each tenth of the hidden bins", "decile", "Hz"});
  io("counted_hz", calibration.counted_hz, {"rate of the spikes counted in them", "decile", "Hz"});
  io("counted_standard_error_hz", calibration.counted_standard_error_hz,
     {"standard error of counted_hz over trials", "decile", "Hz"});
}

/// Without folds, and without what depends on methods.
template <class Io, class Rates>
void small_fields(const Io& io, Rates& rates) {
  io("pred_x", rates.pred_x, {"start of each predicted bin from the start of the window", "bin", "ms"});
  io("time_ms", rates.time_ms, {"centre of each predicted bin from the stimulus", "bin", "ms"});
  io("units", rates.units, {"indices of the session's units", "unit", "1"});
  io("trial_taste", rates.trial_taste, {"taste of each trial", "trial", "1"});
  io("test_trials", rates.test_trials, {"trials that the network was not trained on", "index", "1"});
  io.if_any("gain", rates.gain,
            {"slow changes of units' gains across trials, which the rates follow", "trial unit", "1"});
  if (!rates.readout) return;
  io("factor_loadings", rates.readout->loadings, {"what a factor adds to the log rates", "factor unit", "1"});
  io("log_rate_offset", rates.readout->offset, {"mean log rate, in spikes per bin", "unit", "1"});
}

/// All but the large arrays.
void write_small(h5::File& file, const FitRates& rates) {
  const std::string group = regions + "/" + rates.name();
  const Writer write{file, group};
  small_fields(write, rates);
  if (rates.folds) {
    const neural::Folds& folds = rates.folds->folds;
    const bool over_bins = folds.over == neural::Folds::Over::bins;
    const std::string one = over_bins ? "bin" : "trial";
    write(one + "_fold", folds.fold, {fmt::format("fold that held each {} out", one), one, "1"});
  }
  if (rates.mixture) {
    const std::string parts = "/combination/" + rates.name();
    const Writer into{file, parts};
    std::vector<std::string> names;
    for (const Method method : rates.mixture->methods) names.emplace_back(word(method));
    into("methods", names, {"methods combined", "method", "1"});
    mixture_fields(into, *rates.mixture);
  }
  if (rates.calibration) calibration_fields(Writer{file, "/calibration/" + rates.name()}, *rates.calibration);
}

void mark(h5::File& file, const FitRates& rates) {
  const std::string group = regions + "/" + rates.name();
  h5::mark_pytables_group(file, group, "Region " + rates.region + " Taste " + rates.taste);
  h5::write_attribute(file, group, "region", rates.region);
  h5::write_attribute(file, group, "taste", rates.taste);
  for (const std::string& name : h5::children(file, group)) h5::mark_pytables_array(file, group + "/" + name);
}

/// (trial of a fit) which of the session's trials it is; a fit takes all of a taste or none.
std::vector<std::uint32_t> trials_of_session(const std::vector<std::uint32_t>& trial_taste,
                                             const SessionBins& bins) {
  std::vector<std::uint32_t> next{0};
  for (const auto& taste : bins.counts)
    next.push_back(next.back() + static_cast<std::uint32_t>(taste.extent(0)));
  std::vector<std::uint32_t> trials;
  trials.reserve(trial_taste.size());
  for (const std::uint32_t taste : trial_taste) trials.push_back(next.at(taste)++);
  return trials;
}

template <class T>
std::vector<T> entries(const std::vector<T>& all, const std::vector<std::uint32_t>& which) {
  std::vector<T> some;
  some.reserve(which.size());
  for (const std::uint32_t entry : which) some.push_back(all.at(entry));
  return some;
}

}  // namespace

void write_labels(h5::File& file, const std::string& fit, const SessionBins& bins) {
  const std::string group = regions + "/" + fit;
  const auto units = h5::read_vector<std::uint32_t>(file, group + "/units");
  const auto trial_taste = h5::read_vector<std::uint32_t>(file, group + "/trial_taste");
  const std::vector<std::uint32_t> trials = trials_of_session(trial_taste, bins);
  const auto write = [&](const char* name, const auto& values, const h5::Description& description) {
    Writer{file, group}(name, values, description);
    h5::mark_pytables_array(file, group + "/" + name);
  };
  write("trials", trials, {"indices of the session's trials", "trial", "1"});
  write("trial_taste_name", entries(bins.taste_names, trial_taste),
        {"name of each trial's taste", "trial", "1"});
  write("unit_region", entries(bins.unit_regions, units), {"region of each unit", "unit", "1"});
  if (!bins.trial_time_s.empty()) {
    write("trial_time_s", entries(bins.trial_time_s, trials),
          {"stimulus of each trial in the recording", "trial", "s"});
  }
  if (const auto row = bins.trial_columns.find("row"); row != bins.trial_columns.end()) {
    write("trial_row", entries(std::get<std::vector<std::int64_t>>(row->second), trials),
          {"row of each trial in the recording's table", "trial", "1"});
  }
}

void write_fit(h5::File& file, const FitResult& fit) {
  write_large(file, fit);
  write_small(file, fit.rates);
  mark(file, fit.rates);
  if (!fit.table.methods.empty()) write_score_table(file, fit.table);
  write_metrics(file, fit.metrics);
  write_verdict(file, fit.verdict);
}

void copy_fit(const h5::File& from, const std::string& name, h5::File& to) {
  for (const std::string& group : fit_groups) {
    const std::string object = group + "/" + name;
    if (h5::exists(from, object)) h5::copy(from, object, to, object);
  }
}

void write_session(h5::File& file, const SessionBins& bins, const std::vector<Metric>& metrics) {
  h5::mark_pytables_group(file, "/rnn_output", "RNN Output");
  h5::mark_pytables_group(file, regions, "Region-specific RNN Output");
  h5::mark_pytables_root(file);
  write_columns(file, about_units, bins.unit_columns, "unit");
  write_columns(file, about_trials, bins.all_trial_columns(), "trial");
  write_metrics(file, metrics);
}

bool has_baselines(const h5::File& file) { return h5::exists(file, baselines); }

std::vector<FitFolds> rates_fits(const h5::File& file) {
  const std::vector<std::string> names = fits_in(file, regions);
  std::vector<FitFolds> fits;
  fits.reserve(names.size());
  for (const std::string& name : names)
    fits.push_back({name, read_folds(file, regions + "/" + name).count()});
  return fits;
}

FitRates read_fit_rates(const h5::File& file, const std::string& name) {
  const std::string group = regions + "/" + name;
  FitRates rates;
  rates.region = h5::read_text_attribute(file, group, "region");
  rates.taste = h5::read_text_attribute(file, group, "taste");
  rates.pred_firing = h5::read_array<double, 3>(file, group + "/pred_firing");
  rates.rate_hz = h5::read_array<float, 3>(file, group + "/rate_hz");
  if (neural::Folds folds = read_folds(file, group); !folds.empty()) {
    rates.folds = {std::move(folds), h5::read_array<float, 3>(file, group + "/rate_out_of_fold_hz"),
                   h5::read_array<float, 3>(file, group + "/rate_standard_error_hz")};
  }
  if (h5::exists(file, group + "/latent_factors")) {
    rates.latents = h5::read_array<float, 3>(file, group + "/latent_factors");
    rates.readout.emplace();
  } else {
    rates.latents = permute(h5::read_array<float, 3>(file, group + "/latent_out"), {1, 2, 0});
  }
  small_fields(Reader{file, group}, rates);
  if (const std::string combination = "/combination/" + name; h5::exists(file, combination)) {
    mixture_fields(Reader{file, combination}, rates.mixture.emplace());
    for (const std::string& method : h5::read_strings(file, combination + "/methods"))
      rates.mixture->methods.push_back(read_method(file, combination, method));
  }
  if (const std::string calibration = "/calibration/" + name; h5::exists(file, calibration))
    calibration_fields(Reader{file, calibration}, rates.calibration.emplace());
  return rates;
}

std::vector<FitRates> read_rates(const h5::File& file) {
  std::vector<FitRates> fits;
  for (const FitFolds& fit : rates_fits(file)) fits.push_back(read_fit_rates(file, fit.name));
  return fits;
}

}  // namespace rnn_rates::artifact
