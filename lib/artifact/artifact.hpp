#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "h5/file.hpp"

namespace rnn_rates::artifact {

/// A kind of file that one stage makes and others read. Files of another schema_major are refused.
struct Kind {
  std::string_view name;
  std::string_view stage;  ///< the stage that makes it
  int schema_major;
  int schema_minor;
};

inline constexpr Kind bins{"bins", "extract_bins", 1, 3};
inline constexpr Kind pca{"pca", "reduce_pca", 2, 2};
inline constexpr Kind model{"model", "train_rnn", 2, 1};
inline constexpr Kind trial{"trial", "train_rnn", 1, 0};
inline constexpr Kind checkpoint{"checkpoint", "train_rnn", 1, 0};
inline constexpr Kind rates_checkpoint{"rates_checkpoint", "infer_write", 1, 0};
inline constexpr Kind rates_part{"rates_part", "infer_write", 2, 1};
inline constexpr Kind rates{"rates", "infer_write", 2, 1};

/// Something that an artifact was computed from.
struct Input {
  std::string name;  ///< file name without its folder
  std::string kind;
  std::string digest;
};

/// The fit, or the network of one of its folds, that a model, a checkpoint or a part of the rates belongs to.
struct Subject {
  std::string session;  ///< its id
  std::string fit;
  std::optional<std::uint32_t> fold = {};

  /// What files are called by: FIT, or FIT_fold_K.
  std::string name() const;
};

/// The networks of a fit: one, or one for each of several folds.
std::vector<Subject> networks_of(const std::string& session, const std::string& fit, std::size_t folds);

/// Where an artifact comes from. Only config_text and inputs decide what is in it; the rest is for the
/// record.
struct Provenance {
  std::vector<Input> inputs;
  std::optional<Subject> subject;
  std::string config_text;  ///< config::digest_text of the stage
  std::string config_toml;  ///< the whole configuration
  std::string command;
  std::int64_t seed = 0;
};

/// Digest of all that decides an artifact's content: its kind and schema, its inputs and its part of the
/// config.
std::string depends_digest(const Kind& kind, const Provenance& provenance);

/// Digest of every dataset below the root: path, type, shape and values; attributes are left out, so that
/// dates, folders and versions do not count. `before_each` is called before each slice that is read.
std::string content_digest(const h5::File& file, const std::function<void()>& before_each = {});

/// What a finished artifact says of itself.
struct Header {
  std::string content_digest;
  std::string depends_digest;
  std::string config_text;
  std::vector<Input> inputs;
  std::optional<Subject> subject = {};

  /// Whether an input of that kind and digest is among its inputs.
  bool made_from(std::string_view kind, std::string_view digest) const;
};

/// Writes `fill`'s datasets to a temporary file, adds provenance and digests, and puts it in place.
/// Returns the content digest. Throws Error(output) where the folder or the disk refuses.
std::string publish(const std::filesystem::path& path, const Kind& kind, const Provenance& provenance,
                    const std::function<void(h5::File&)>& fill);

/// Like publish(), for more than memory should hold: after each of `parts` the file grows on disk, and what
/// the part wrote is freed. Throws Error(stopped) once a stop was asked for.
std::string publish_in_parts(const std::filesystem::path& path, const Kind& kind,
                             const Provenance& provenance,
                             const std::vector<std::function<void(h5::File&)>>& parts);

/// An artifact opened as input, its header checked. Throws Error(input), naming the stage to run, where it is
/// missing, unfinished, of another kind or of another schema.
struct Opened {
  h5::File file;
  Header header;

  Input as_input(const Kind& kind) const;
};
Opened open(const std::filesystem::path& path, const Kind& kind);

/// Throws Error(input) unless an artifact's datasets have the digest that was recorded with them, and
/// Error(stopped) once a stop was asked for.
void check_content(const Opened& opened);

namespace detail {
/// Throws `error` as Error(input) that names the stage to run again; a stop as it is.
[[noreturn]] void throw_with_advice(const Error& error, const Kind& kind);
}  // namespace detail

/// What `read` (such as read_bins) makes of an opened artifact whose content is what was written. Whatever
/// fails is Error(input) that names the stage to run again.
template <class Read>
auto read(const Opened& opened, const Kind& kind, Read&& read) {
  try {
    return h5::reading([&] {
      check_content(opened);
      return read(opened.file);
    });
  } catch (const Error& error) {
    detail::throw_with_advice(error, kind);
  }
}

/// Opens an artifact and checks its content. Throws Error(input), naming the stage to run again.
Opened open_whole(const std::filesystem::path& path, const Kind& kind);

/// Throws Error(input), naming the stage to run, unless `made` (of `kind`) was computed from the present
/// content of `source`.
void check_made_from(const Opened& made, const Kind& kind, const Input& source);

/// Throws Error(input), saying what to do, where an artifact was made for another fit or fold than
/// `expected.subject`, or, where there are any, for another session and from none of the `expected.inputs`,
/// so that somebody has put it there. What older versions made says nothing of it and passes.
void check_subject(const Opened& opened, const Kind& kind, const Provenance& expected);

/// `path` opened if it is a finished artifact of `kind` and of a readable schema; nothing for anything else.
std::optional<Opened> try_open(const std::filesystem::path& path, const Kind& kind);

/// `path` opened where it is a finished artifact of this provenance; nothing where there is none, or an older
/// one. Throws Error(input) where something else has that name, unless `force`: nothing unknown is
/// overwritten unasked; and Error(output) where that is a recording, which is never overwritten.
std::optional<Opened> open_up_to_date(const std::filesystem::path& path, const Kind& kind,
                                      const Provenance& provenance, bool force);

}  // namespace rnn_rates::artifact
