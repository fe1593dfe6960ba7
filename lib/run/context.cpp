#include "run/context.hpp"

namespace rnn_rates::run {

artifact::Provenance Context::provenance() const {
  artifact::Provenance provenance;
  provenance.config_text = settings.digest_text(stage);
  provenance.config_toml = settings.to_toml();
  provenance.command = command;
  provenance.seed = settings.all_.reduce_pca.seed;
  return provenance;
}

}  // namespace rnn_rates::run
