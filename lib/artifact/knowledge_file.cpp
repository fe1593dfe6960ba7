#include "artifact/knowledge_file.hpp"

#include "artifact/fields.hpp"
#include "h5/attribute.hpp"

namespace rnn_rates::artifact {
namespace {

const char* const label = "uses_condition_label";
const char* const future = "uses_future_ms";
const char* const regions = "uses_other_regions";
const char* const own = "uses_own_spikes";

}  // namespace

void write_knowledge(h5::File& file, const std::string& dataset, const inference::Knowledge& knowledge) {
  h5::write_attribute(file, dataset, label, std::int64_t{knowledge.condition_label});
  h5::write_attribute(file, dataset, future, knowledge.future_ms);
  h5::write_attribute(file, dataset, regions, std::int64_t{knowledge.other_regions});
  h5::write_attribute(file, dataset, own, std::int64_t{knowledge.own_spikes});
}

std::optional<inference::Knowledge> read_knowledge(const h5::File& file, const std::string& dataset) {
  if (!h5::exists(file, dataset) || !h5::has_attribute(file, dataset, label)) return {};
  return inference::Knowledge{.condition_label = h5::read_number_attribute(file, dataset, label) != 0,
                              .future_ms = h5::read_number_attribute(file, dataset, future),
                              .other_regions = h5::read_number_attribute(file, dataset, regions) != 0,
                              .own_spikes = h5::read_number_attribute(file, dataset, own) != 0};
}

std::vector<DatasetKnowledge> read_knowledge_of_fits(const h5::File& file) {
  std::vector<DatasetKnowledge> all;
  for (const std::string& above : {std::string("/rnn_output/regions"), std::string("/baselines")}) {
    if (!h5::exists(file, above)) continue;
    for (const std::string& fit : fits_in(file, above)) {
      for (const std::string& dataset : h5::children(file, above + "/" + fit)) {
        if (const auto knowledge = read_knowledge(file, above + "/" + fit + "/" + dataset))
          all.push_back({fit, dataset, *knowledge});
      }
    }
  }
  return all;
}

}  // namespace rnn_rates::artifact
