#include "infer_write/parts.hpp"

#include <spdlog/spdlog.h>

#include "artifact/checkpoint_file.hpp"
#include "artifact/rates_file.hpp"

namespace rnn_rates::infer_write {

namespace fs = std::filesystem;

artifact::Provenance Parts::provenance_of(const std::string& fit) const {
  artifact::Provenance provenance = provenance_;
  provenance.subject = artifact::Subject{session_.id, fit};
  return provenance;
}

bool Parts::is_finished(const std::string& fit) const {
  bool finished = false;
  const fs::path path = session_.rates_part(fit);
  run::use_checkpoint(
      context_, path, artifact::rates_part, provenance_of(fit), [&](const artifact::Opened& opened) {
        const bool has_baselines = artifact::read(opened, artifact::rates_part, artifact::has_baselines);
        finished = has_baselines || !baselines_;
        if (finished) spdlog::info("{} {}: is finished in {}", session_.id, fit, path.string());
      });
  return finished;
}

inference::Predictions Parts::begun(const std::string& fit) const {
  inference::Predictions predictions;
  const fs::path path = session_.rates_checkpoint(fit);
  run::use_checkpoint(
      context_, path, artifact::rates_checkpoint, provenance_of(fit), [&](const artifact::Opened& opened) {
        predictions = artifact::read(opened, artifact::rates_checkpoint, artifact::read_predictions);
        spdlog::info("{} {}: continues from {}", session_.id, fit, path.string());
      });
  return predictions;
}

void Parts::keep(const std::string& fit, const inference::Predictions& predictions) const {
  artifact::publish(session_.rates_checkpoint(fit), artifact::rates_checkpoint, provenance_of(fit),
                    [&](h5::File& file) { artifact::write_predictions(file, predictions); });
}

void Parts::finish(const inference::FitResult& result) const {
  const std::string fit = result.rates.name();
  artifact::publish(session_.rates_part(fit), artifact::rates_part, provenance_of(fit),
                    [&](h5::File& file) { artifact::write_fit(file, result); });
}

artifact::Opened Parts::open(const std::string& fit) const {
  return artifact::open_whole(session_.rates_part(fit), artifact::rates_part);
}

void remove_parts(const run::SessionFolder& session) {
  std::error_code failure, ignored;
  fs::directory_iterator entry(session.out, failure);
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    const bool part = name.starts_with("rates.h5.") && name.ends_with(".part");
    const bool checkpoint = name.starts_with("rates_") && name.ends_with(".ckpt.h5");
    if (part || checkpoint) fs::remove(entry->path(), ignored);
  }
}

}  // namespace rnn_rates::infer_write
