#include "run/context.hpp"

#include <sched.h>

namespace rnn_rates::run {

std::size_t Context::threads() const {
  if (options.threads > 0) return options.threads;
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<std::size_t>(CPU_COUNT(&cores));
}

artifact::Provenance Context::provenance() const {
  artifact::Provenance provenance;
  provenance.config_text = settings.digest_text(stage);
  provenance.config_toml = settings.to_toml();
  provenance.command = command;
  provenance.seed = settings.all_.reduce_pca.seed;
  return provenance;
}

}  // namespace rnn_rates::run
