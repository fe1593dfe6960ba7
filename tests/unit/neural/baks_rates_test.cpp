#include "neural/baks_rates.hpp"

#include <doctest/doctest.h>

#include "check_close.hpp"
#include "small_counts.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;

TEST_CASE("BAKS is the paper's formula in NumPy, spike by spike") {
  check_close(
      predict_baks(small_counts, {}, 25).values(),
      {29.47403986, 31.57453306, 33.2119106,  34.26906507, 34.66580114, 34.37050667, 33.40514758, 31.8423025,
       29.79478002, 27.40009311, 6.551977428, 6.74029142,  6.877463666, 6.959169597, 6.98287815,  6.947994194,
       6.855873939, 6.709715901, 6.514341614, 6.275889307, 32.7940156,  35.24924601, 37.13024748, 38.28420077,
       38.61191675, 38.08440362, 36.74790535, 34.71603346, 32.15105193, 29.23907882, 10.84494854, 11.20917193,
       11.45262947, 11.56335959, 11.53573431, 11.37104695, 11.0773932,  10.66886269, 10.16417126, 9.58494799,
       28.64725687, 30.33546287, 31.52009225, 32.11432744, 32.07552666, 31.41097456, 30.17579858, 28.46385518,
       26.39396016, 24.09454425, 4.47997128,  4.689997325, 4.877448202, 5.037090498, 5.164201207, 5.254846813,
       5.306129963, 5.316378842, 5.285259156, 5.213796493},
      1e-5);
}

TEST_CASE("BAKS divides by the kernel's mass outside the hidden bins, from SciPy's normal distribution") {
  check_close(
      predict_baks(small_counts, small_hidden, 25).values(),
      {29.47403986, 31.57453306, 33.2119106,  34.26906507, 34.66580114, 34.37050667, 33.40514758, 31.8423025,
       29.79478002, 27.40009311, 22,          22,          22,          22,          22,          22,
       22,          22,          22,          22,          21.63813587, 23.46216972, 24.97691956, 26.06664783,
       26.64649404, 26.67683171, 26.16852721, 25.17811269, 23.79530162, 22.12714804, 10.84494854, 11.20917193,
       11.45262947, 11.56335959, 11.53573431, 11.37104695, 11.0773932,  10.66886269, 10.16417126, 9.58494799,
       28.7297011,  30.51078226, 31.80798823, 32.5150906,  32.56492163, 31.94158649, 30.68551306, 28.88925086,
       26.68423423, 24.22139805, 4.47997128,  4.689997325, 4.877448202, 5.037090498, 5.164201207, 5.254846813,
       5.306129963, 5.316378842, 5.285259156, 5.213796493},
      1e-5);
}

TEST_CASE("BAKS gives a trial without spikes rate 0, the mean rate where all is hidden") {
  const Array<std::uint16_t, 3> counts({2, 1, 4}, {0, 0, 0, 0, 2, 0, 1, 1});
  check_close(std::span(predict_baks(counts, {}, 25).data(), 4), {0, 0, 0, 0}, 0.0);
  const Hidden hidden({2, 1, 4}, {0, 0, 0, 0, 1, 1, 1, 1});
  check_close(predict_baks(counts, hidden, 25).values(), std::vector<double>(8, 0.0), 0.0);
  const Hidden first({2, 1, 4}, {1, 1, 1, 1, 0, 0, 0, 0});
  check_close(std::span(predict_baks(counts, first, 25).data(), 4), {40, 40, 40, 40}, 0.0);
}

TEST_CASE("BAKS of a long trial with silent stretches is the formula over all its spikes, from NumPy") {
  Array<std::uint16_t, 3> counts({1, 1, 3000});
  Hidden hidden(counts.shape());
  for (std::size_t bin = 0; bin < 3000; ++bin) {
    const bool silent = bin % 900 <= 150 || (bin >= 1400 && bin <= 2100);
    if (bin * bin % 23 == 2 && !silent) counts(0, 0, bin) = bin % 5 == 0 ? 2 : 1;
    hidden(0, 0, bin) = bin % 40 < 9;
  }
  const auto check = [&](const Hidden& hide, const std::vector<double>& expected) {
    const Array<float, 3> rates_hz = predict_baks(counts, hide, 25);
    std::vector<float> found;
    for (const std::size_t bin : {0u, 33u, 160u, 161u, 1000u, 1005u, 1770u, 2400u, 2999u})
      found.push_back(rates_hz(0, 0, bin));
    check_close(found, expected, 1e-6);
  };
  check({}, {0.0321457641, 0.03183003001, 2.911438647, 2.813945405, 0.03715790147, 0.0383779641, 0.0661357684,
             3.227787708, 4.268286305});
  check(hidden, {0.02555487452, 0.02607088568, 5.117195462, 4.57267059, 0.04654136369, 0.04889401007,
                 0.07100627613, 7.485288837, 4.507458026});
}
