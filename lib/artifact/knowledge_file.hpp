#pragma once

#include <optional>
#include <string>
#include <vector>

#include "h5/file.hpp"
#include "inference/knowledge.hpp"

namespace rnn_rates::artifact {

// What rates and factors know, as attributes of their datasets in rates.h5. Reading throws Error(input).

void write_knowledge(h5::File& file, const std::string& dataset, const inference::Knowledge& knowledge);
/// Nothing of a dataset that says nothing.
std::optional<inference::Knowledge> read_knowledge(const h5::File& file, const std::string& dataset);

struct DatasetKnowledge {
  std::string fit;
  std::string dataset;  ///< its name in the fit's group
  inference::Knowledge knowledge;
};
/// Of all datasets of these fits that say so, baselines last.
std::vector<DatasetKnowledge> read_knowledge_of_fits(const h5::File& file);

}  // namespace rnn_rates::artifact
