#include "run/context.hpp"

namespace rnn_rates::run {

artifact::Provenance Context::provenance() const {
  artifact::Provenance provenance;
  provenance.config_text = config::canonical_text(config, stage);
  provenance.config_toml = config::to_toml(config);
  provenance.command = command;
  provenance.seed = config.seed;
  return provenance;
}

}  // namespace rnn_rates::run
