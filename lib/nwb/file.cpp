#include "nwb/file.hpp"

#include <algorithm>
#include <cctype>

#include "h5/attribute.hpp"

namespace rnn_rates::nwb {

bool is_nwb(const h5::File& file) {
  std::string ending = file.path().extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return ending == ".nwb" || h5::has_attribute(file, "/", "nwb_version");
}

}  // namespace rnn_rates::nwb
