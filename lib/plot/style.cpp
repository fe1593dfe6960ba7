#include "plot/style.hpp"

#include <array>
#include <cmath>

namespace rnn_rates::plot {

Colour mixed(Colour from, Colour to, double share) {
  Colour result = 0;
  for (const unsigned shift : {0U, 8U, 16U}) {
    const double a = (from >> shift) & 0xFFU, b = (to >> shift) & 0xFFU;
    result |= static_cast<Colour>(std::lround(a + (b - a) * share)) << shift;
  }
  return result;
}

Colour taste_colour(std::size_t taste) {
  constexpr std::array<Colour, 8> colours{0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7,
                                          0xE69F00, 0x56B4E9, 0x555555, 0x661100};
  const Colour base = colours[taste % colours.size()];
  switch (taste / colours.size() % 3) {
    case 1:
      return mixed(base, 0x000000, 0.45);
    case 2:
      return mixed(base, 0xFFFFFF, 0.45);
    default:
      return base;
  }
}

}  // namespace rnn_rates::plot
