#pragma once

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

#include "core/natural_order.hpp"
#include "h5/dataset.hpp"
#include "h5/strings.hpp"
#include "inference/reduced_fit.hpp"

namespace rnn_rates::artifact {

// What a group holds is said once, for writing and for reading, by a function that calls Writer or Reader
// with each dataset's name, the variable with its value, and its description. "" is the group of the root.

/// Writes numbers, bools (as 0 or 1), lists of numbers or texts, and arrays.
struct Writer {
  static constexpr bool writes = true;
  h5::File& file;
  std::string group;

  template <class T>
  void operator()(const std::string& name, const T& value, const h5::Description& description) const {
    if constexpr (std::is_same_v<T, bool>) {
      h5::write_scalar(file, group + "/" + name, std::uint8_t{value}, description);
    } else {
      h5::write_scalar(file, group + "/" + name, value, description);
    }
  }
  template <class T>
  void operator()(const std::string& name, const std::vector<T>& values,
                  const h5::Description& description) const {
    h5::write_vector<T>(file, group + "/" + name, values, description);
  }
  void operator()(const std::string& name, const std::vector<std::string>& texts,
                  const h5::Description& description) const {
    h5::write_strings(file, group + "/" + name, texts, description);
  }
  template <class T, std::size_t Rank>
  void operator()(const std::string& name, const Array<T, Rank>& values,
                  const h5::Description& description) const {
    h5::write_array(file, group + "/" + name, values, description);
  }
  /// Leaves out what is empty.
  template <class T>
  void if_any(const std::string& name, const T& values, const h5::Description& description) const {
    if (values.size() > 0) (*this)(name, values, description);
  }
};

/// Reads the same. Throws Error(input).
struct Reader {
  static constexpr bool writes = false;
  const h5::File& file;
  std::string group;

  template <class T>
  void operator()(const std::string& name, T& value, const h5::Description&) const {
    if constexpr (std::is_same_v<T, bool>) {
      value = h5::read_scalar<std::uint8_t>(file, group + "/" + name) != 0;
    } else {
      value = h5::read_scalar<T>(file, group + "/" + name);
    }
  }
  template <class T>
  void operator()(const std::string& name, std::vector<T>& values, const h5::Description&) const {
    values = h5::read_vector<T>(file, group + "/" + name);
  }
  void operator()(const std::string& name, std::vector<std::string>& texts, const h5::Description&) const {
    texts = h5::read_strings(file, group + "/" + name);
  }
  template <class T, std::size_t Rank>
  void operator()(const std::string& name, Array<T, Rank>& values, const h5::Description&) const {
    values = h5::read_array<T, Rank>(file, group + "/" + name);
  }
  /// Leaves `values` as they are where they are not there.
  template <class T>
  void if_any(const std::string& name, T& values, const h5::Description& description) const {
    if (h5::exists(file, group + "/" + name)) (*this)(name, values, description);
  }
};

/// The fits that `group` has something for, in natural order (taste 2 before taste 10). Throws Error(input).
inline std::vector<std::string> fits_in(const h5::File& file, const std::string& group) {
  std::vector<std::string> fits = h5::children(file, group);
  std::sort(fits.begin(), fits.end(), natural_less);
  return fits;
}

/// The fold that holds each trial or bin out; empty where nothing says so. Throws Error(input).
inline neural::Folds read_folds(const h5::File& file, const std::string& group) {
  neural::Folds folds;
  const Reader read{file, group};
  read.if_any("trial_fold", folds.fold, {});
  if (!h5::exists(file, group + "/bin_fold")) return folds;
  folds.over = neural::Folds::Over::bins;
  read("bin_fold", folds.fold, {});
  return folds;
}

}  // namespace rnn_rates::artifact
