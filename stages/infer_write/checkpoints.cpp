#include "infer_write/checkpoints.hpp"

#include <spdlog/spdlog.h>

#include "artifact/rates_checkpoint_file.hpp"
#include "core/error.hpp"

namespace rnn_rates::infer_write {

inference::Predictions Checkpoints::begin(const std::string& fit) {
  try {
    save();
  } catch (const Error&) {
    kept_.clear();  // After a stop these fits would start over.
  }
  inference::Predictions predictions;
  const auto path = session_.rates_checkpoint(fit);
  run::use_checkpoint(
      context_, path, artifact::rates_checkpoint, provenance_, [&](const artifact::Opened& opened) {
        predictions = artifact::read(opened, artifact::rates_checkpoint, artifact::read_predictions);
        spdlog::info("{} {}: continues from {}", session_.id, fit, path.string());
      });
  return predictions;
}

void Checkpoints::keep(const std::string& fit, inference::Predictions predictions) {
  if (!predictions.empty()) kept_[fit] = std::move(predictions);
}

void Checkpoints::save() {
  for (const auto& kept : kept_) {
    artifact::publish(session_.rates_checkpoint(kept.first), artifact::rates_checkpoint, provenance_,
                      [&](h5::File& file) { artifact::write_predictions(file, kept.second); });
  }
  kept_.clear();
}

void Checkpoints::remove(const std::string& fit) const {
  std::error_code ignored;
  std::filesystem::remove(session_.rates_checkpoint(fit), ignored);
}

}  // namespace rnn_rates::infer_write
