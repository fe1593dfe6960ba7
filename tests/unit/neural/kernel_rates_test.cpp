#include <doctest/doctest.h>

#include "check_close.hpp"
#include "neural/condition_average.hpp"
#include "neural/gaussian_rates.hpp"
#include "neural/smoothing.hpp"
#include "small_counts.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;
using test::expect_error;

namespace {

// The expected rates are NumPy's, from dense kernel matrices and SciPy's Poisson likelihoods of full counts.
const KernelGrid grid{{25, 40, 100}, {0, 1}};
const std::vector<std::uint32_t> one_taste(3, 0);

}  // namespace

TEST_CASE("the Gaussian kernel takes the width and prior that predict left-out bins best") {
  check_close(
      predict_gaussian(small_counts, {}, 25, grid).values(),
      {64.98381985, 59.20574263, 60.01458228, 69.57546497, 81.14195432, 82.22446372, 70.08193744, 55.33885409,
       46.96249757, 45.01680409, 25.88969898, 34.06532247, 29.4089855,  17.14142351, 10.66876688, 10.47512525,
       14.77169363, 19.54461436, 20.90337075, 23.54082255, 63.50777749, 69.73863389, 78.50025986, 88.65823679,
       94.283914,   88.94223231, 74.10822192, 57.19227686, 43.63598855, 35.16535392, 23.67438758, 22.49646263,
       28.81537958, 40.61219743, 44.5272369,  32.61411316, 22.07069497, 15.01260345, 10.73326394, 11.14688529,
       69.11405471, 76.68192574, 83.77549581, 83.70509623, 74.96507512, 62.47370778, 50.55806377, 41.08803144,
       35.60033574, 34.86461881, 11.0244151,  9.451792033, 9.356308875, 11.60089305, 20.20619201, 27.49160271,
       21.54167478, 18.42064348, 24.82972668, 28.74287253},
      2e-5);
}

TEST_CASE("the Gaussian kernel predicts hidden entries from those kept, without any by the mean rate") {
  check_close(
      predict_gaussian(small_counts, small_hidden, 25, grid).values(),
      {65.81717988, 59.80540163, 60.55876521, 70.18239977, 81.84314385, 82.93500777, 70.69329039, 55.8406398,
       47.43815219, 45.5941048,  22,          22,          22,          22,          22,          22,
       22,          22,          22,          22,          77.55890826, 97.06522836, 117.6748455, 122.9298049,
       113.6310855, 96.17401503, 76.08683479, 57.84739539, 44.07773185, 35.61506452, 25.56268408, 28.19927895,
       33.53317198, 39.02296461, 39.7448816,  33.87447914, 24.86558997, 17.06945839, 12.42213198, 11.0656381,
       70.00038135, 77.45859039, 84.55222774, 84.58499894, 76.40495223, 65.73113086, 57.4505361,  52.71191641,
       51.57294743, 54.52152872, 9.392134137, 8.456092707, 9.605780765, 13.3244125,  18.53603957, 22.10822961,
       22.68193988, 22.81355691, 24.62050502, 26.92736417},
      2e-5);
}

TEST_CASE("the condition average is over the other trials, smoothed as they predict best") {
  check_close(
      predict_condition_average(small_counts, {}, one_taste, 25, {}, grid).values(),
      {66.88743927, 74.94007535, 83.96730005, 89.68427541, 87.84617408, 77.53683073, 62.0699368,  46.68682952,
       35.03897509, 27.78385754, 21.72179474, 22.35474724, 22.88777662, 23.26578919, 23.45076945, 23.42783665,
       23.20776492, 22.82467723, 22.32950606, 21.78140562, 67.80958064, 68.6845312,  73.19849091, 78.63625143,
       80.24876467, 73.65326698, 59.73890817, 45.60712032, 37.01460776, 33.93844362, 16.49008982, 16.52591379,
       16.65565289, 16.89269411, 17.24797393, 17.7254854,  18.31941058, 19.01332741, 19.78119912, 20.58916955,
       64.30712008, 64.56087059, 70.12540858, 81.50388598, 91.41704793, 88.95480665, 73.37333793, 54.98862903,
       41.78702776, 34.1263246,  27.96362283, 27.49557934, 26.79216918, 25.88399896, 24.81565354, 23.64448428,
       22.43599436, 21.25716728, 20.1699477,  19.22694153},
      2e-5);
}

TEST_CASE("the condition average is over the trials in which the bin is kept") {
  check_close(
      predict_condition_average(small_counts, small_hidden, one_taste, 25, {}, grid).values(),
      {72.64823172, 84.93706431, 98.20399902, 102.7688425, 95.69046703, 82.03498223, 67.04430152, 53.33540867,
       41.43970881, 31.11848252, 21.81919251, 22.44264111, 22.96933283, 23.34344643, 23.5265349,  23.50352801,
       23.28522849, 22.90600859, 22.41730068, 21.87907069, 67.80958064, 68.6845312,  73.20703666, 78.71590462,
       80.7305824,  75.4742627,  63.95993981, 51.97865997, 44.16516373, 40.79423588, 11.76305142, 12.61112396,
       13.73869903, 15.06306765, 16.50274741, 17.98092424, 19.42946454, 20.79192503, 22.02400357, 23.09088262,
       67.59331603, 65.49229357, 74.73023221, 90.76307607, 99.37179215, 92.3318421,  74.08094537, 55.04807544,
       41.7839835,  34.12528832, 31.92070893, 32.17522262, 32.00153494, 31.36453197, 30.26425186, 28.74437271,
       26.89293561, 24.83462354, 22.71732605, 20.69760709},
      2e-5);
}

TEST_CASE("without smoothing or prior the condition average is bin by bin, over trials of the same taste") {
  const Array<std::uint16_t, 3> counts({4, 1, 2}, {1, 0, 3, 2, 9, 9, 5, 0});
  const std::vector<std::uint32_t> tastes = {0, 0, 1, 0};
  const Hidden hidden({4, 1, 2}, {0, 0, 0, 0, 0, 0, 0, 1});
  // The only trial of taste 1 gets the unit's mean rate, as does a bin that is kept nowhere else.
  check_close(predict_condition_average(counts, {}, tastes, 1000, {}, {{0}, {0}}).values(),
              {4, 1, 3, 0, 29.0 / 8, 29.0 / 8, 2, 1}, 1e-6);
  check_close(predict_condition_average(counts, hidden, tastes, 1000, {}, {{0}, {0}}).values(),
              {4, 2, 3, 0, 29.0 / 7, 29.0 / 7, 2, 1}, 1e-6);
}

TEST_CASE("a unit without spikes has rate 0") {
  const Array<std::uint16_t, 3> silent({2, 1, 3});
  for (const auto& rates :
       {predict_gaussian(silent, {}, 25), predict_condition_average(silent, {}, {{0, 0}}, 25)}) {
    check_close(rates.values(), std::vector<double>(6, 0.0), 0.0);
  }
}

TEST_CASE("the boxcar averages the bins kept") {
  const Array<std::uint16_t, 3> counts({1, 1, 6}, {0, 2, 1, 0, 0, 3});
  const Hidden hidden({1, 1, 6}, {0, 0, 0, 1, 1, 1});
  check_close(boxcar_rate_hz(counts, 25, 75, hidden).values(), {40, 40, 60, 40, 40, 40}, 1e-5);
}

TEST_CASE("a grid without kernels is refused") {
  expect_error(ErrorKind::config, {"widths"}, [] { predict_gaussian(small_counts, {}, 25, {{}, {0}}); });
  expect_error(ErrorKind::config, {"below 0"}, [] { predict_gaussian(small_counts, {}, 25, {{25}, {-1}}); });
}
