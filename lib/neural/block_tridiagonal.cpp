#include "neural/block_tridiagonal.hpp"

#include <algorithm>
#include <utility>

namespace rnn_rates::neural {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

BlockTridiagonal::BlockTridiagonal(const MatrixXd& diagonal, const MatrixXd& coupling)
    : size_(coupling.rows()),
      blocks_(diagonal.rows() / lanes),
      lower_(static_cast<std::size_t>(blocks_ * packed(size_, 0))),
      below_(static_cast<std::size_t>((blocks_ - 1) * size_ * size_)) {
  for (Index block = 0; block < blocks_; ++block) {
    Lanes* triangle = lower(block);
    for (Index i = 0; i < size_; ++i) {
      for (Index j = 0; j <= i; ++j) {
        Lanes value = diagonal.col(packed(i, j)).segment<lanes>(block * lanes);
        if (block > 0) {
          const Lanes* before = below(block - 1);
          for (Index k = 0; k < size_; ++k) value -= before[k * size_ + i] * before[k * size_ + j];
        }
        triangle[packed(i, j)] = value;
      }
    }
    factorise(triangle);
    if (block + 1 < blocks_) multiply_inverse(triangle, coupling, below(block));
  }
}

/// A symmetric matrix into its Cholesky factor.
void BlockTridiagonal::factorise(Lanes* triangle) const {
  for (Index j = 0; j < size_; ++j) {
    for (Index i = j; i < size_; ++i) {
      Lanes value = triangle[packed(i, j)];
      for (Index k = 0; k < j; ++k) value -= triangle[packed(i, k)] * triangle[packed(j, k)];
      triangle[packed(i, j)] = i == j ? Lanes(value.sqrt().inverse()) : Lanes(value * triangle[packed(j, j)]);
    }
  }
}

void BlockTridiagonal::multiply_inverse(const Lanes* triangle, const MatrixXd& right, Lanes* product) const {
  for (Index i = 0; i < size_; ++i) {
    for (Index j = 0; j < size_; ++j) {
      Lanes value = Lanes::Constant(right(i, j));
      for (Index k = 0; k < i; ++k) value -= triangle[packed(i, k)] * product[k * size_ + j];
      product[i * size_ + j] = value * triangle[packed(i, i)];
    }
  }
}

void BlockTridiagonal::solve(MatrixXd& right) const {
  const auto at = [&](Index block, Index i) { return right.col(i).segment<lanes>(block * lanes).array(); };
  for (Index block = 0; block < blocks_; ++block) {
    const Lanes* triangle = lower(block);
    for (Index i = 0; i < size_; ++i) {
      Lanes value = at(block, i);
      if (block > 0) {
        for (Index k = 0; k < size_; ++k) value += below(block - 1)[k * size_ + i] * at(block - 1, k);
      }
      for (Index k = 0; k < i; ++k) value -= triangle[packed(i, k)] * at(block, k);
      at(block, i) = value * triangle[packed(i, i)];
    }
  }
  for (Index block = blocks_ - 1; block >= 0; --block) {
    const Lanes* triangle = lower(block);
    for (Index i = size_ - 1; i >= 0; --i) {
      Lanes value = at(block, i);
      if (block + 1 < blocks_) {
        for (Index k = 0; k < size_; ++k) value += below(block)[i * size_ + k] * at(block + 1, k);
      }
      for (Index k = i + 1; k < size_; ++k) value -= triangle[packed(k, i)] * at(block, k);
      at(block, i) = value * triangle[packed(i, i)];
    }
  }
}

VectorXd BlockTridiagonal::log_determinant() const {
  Lanes sum = Lanes::Zero();
  for (Index block = 0; block < blocks_; ++block) {
    for (Index i = 0; i < size_; ++i) sum -= 2.0 * lower(block)[packed(i, i)].log();
  }
  return sum;
}

/// Of a block's factor, below `triangle`'s diagonal and on it.
void BlockTridiagonal::invert(const Lanes* triangle, Lanes* inverse) const {
  for (Index j = 0; j < size_; ++j) {
    inverse[packed(j, j)] = triangle[packed(j, j)];
    for (Index i = j + 1; i < size_; ++i) {
      Lanes value = Lanes::Zero();
      for (Index k = j; k < i; ++k) value -= triangle[packed(i, k)] * inverse[packed(k, j)];
      inverse[packed(i, j)] = value * triangle[packed(i, i)];
    }
  }
}

BlockTridiagonal::Inverse BlockTridiagonal::inverse() const {
  const Index triangle_size = packed(size_, 0), square = size_ * size_;
  Inverse result{MatrixXd(blocks_ * lanes, triangle_size), MatrixXd((blocks_ - 1) * lanes, square)};
  const std::vector<Lanes> empty(static_cast<std::size_t>(square));
  std::vector<Lanes> factor = empty, own = empty, later = empty, back = empty, above = empty;
  for (Index block = blocks_ - 1; block >= 0; --block) {
    invert(lower(block), factor.data());
    const auto add_products = [&](Index i, Lanes* row, const auto& right, Index columns) {
      for (Index k = i; k < size_; ++k) {
        const Lanes& left = factor[static_cast<std::size_t>(packed(k, i))];
        for (Index j = 0; j < columns; ++j) row[j] += left * right(k, j);
      }
    };
    for (Index i = 0; i < size_; ++i) {
      Lanes* row = &own[static_cast<std::size_t>(packed(i, 0))];
      std::fill_n(row, i + 1, Lanes::Zero());
      add_products(
          i, row, [&](Index k, Index j) { return factor[static_cast<std::size_t>(packed(k, j))]; }, i + 1);
    }
    if (block + 1 < blocks_) {
      for (Index i = 0; i < size_; ++i) {
        Lanes *row = &back[static_cast<std::size_t>(i * size_)],
              *to = &above[static_cast<std::size_t>(i * size_)];
        std::fill_n(row, size_, Lanes::Zero());
        std::fill_n(to, size_, Lanes::Zero());
        add_products(
            i, row, [&](Index k, Index j) { return below(block)[k * size_ + j]; }, size_);
        for (Index k = 0; k < size_; ++k) {
          for (Index j = 0; j < size_; ++j)
            to[j] += row[k] * later[static_cast<std::size_t>(k >= j ? packed(k, j) : packed(j, k))];
        }
        for (Index j = 0; j < size_; ++j)
          result.above.col(i * size_ + j).segment<lanes>(block * lanes) = to[j];
        for (Index j = 0; j <= i; ++j) {
          for (Index k = 0; k < size_; ++k)
            own[static_cast<std::size_t>(packed(i, j))] +=
                to[k] * back[static_cast<std::size_t>(j * size_ + k)];
        }
      }
    }
    for (Index p = 0; p < triangle_size; ++p)
      result.diagonal.col(p).segment<lanes>(block * lanes) = own[static_cast<std::size_t>(p)];
    std::swap(own, later);
  }
  return result;
}

}  // namespace rnn_rates::neural
