#include "reduce_pca/options.hpp"

#include "cli/options.hpp"

namespace rnn_rates::reduce_pca {

void add_options(CLI::App& app, std::vector<std::string>& overrides) {
  cli::add_boolean_setting(app, "separate-tastes", "fits.separate_tastes", "one network per taste",
                           overrides);
  cli::add_boolean_setting(app, "separate-regions", "fits.separate_regions", "one network per region",
                           overrides);
}

}  // namespace rnn_rates::reduce_pca
