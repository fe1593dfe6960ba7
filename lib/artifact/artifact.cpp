#include "artifact/artifact.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/atomic_file.hpp"
#include "core/digest.hpp"
#include "core/host.hpp"
#include "core/stop.hpp"
#include "core/version.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "h5/edit.hpp"

namespace rnn_rates::artifact {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Input, name, kind, digest)

namespace {

namespace fs = std::filesystem;

/// `text` with a full stop, whether it had one or not.
std::string sentence(std::string text) {
  if (!text.ends_with('.')) text += '.';
  return text;
}

std::string schema_text(const Kind& kind) {
  return fmt::format("{}.{}", kind.schema_major, kind.schema_minor);
}

std::optional<Subject> read_subject(const h5::File& file) {
  if (!h5::has_attribute(file, "/", "fit")) return std::nullopt;
  Subject subject{h5::read_text_attribute(file, "/", "session"), h5::read_text_attribute(file, "/", "fit")};
  if (h5::has_attribute(file, "/", "fold"))
    subject.fold = static_cast<std::uint32_t>(h5::read_number_attribute(file, "/", "fold"));
  return subject;
}

void write_header(h5::File& file, const Kind& kind, const Provenance& provenance,
                  const std::string& content) {
  const auto text = [&](const char* name, std::string_view value) {
    h5::write_attribute(file, "/", name, std::string(value));
  };
  Digest config;
  config.add_text(provenance.config_text);
  text("kind", kind.name);
  text("schema_version", schema_text(kind));
  text("program_version", program_version());
  text("git_commit", git_commit());
  text("created_utc", utc_now());
  text("command", provenance.command);
  text("config_toml", provenance.config_toml);
  text("config_text", provenance.config_text);
  text("config_digest", config.hex());
  // A file may have a name that is not UTF-8.
  text("inputs",
       nlohmann::json(provenance.inputs).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  h5::write_attribute(file, "/", "seed", provenance.seed);
  if (const auto& subject = provenance.subject) {
    text("session", subject->session);
    text("fit", subject->fit);
    if (subject->fold) h5::write_attribute(file, "/", "fold", std::int64_t{*subject->fold});
  }
  text("depends_digest", depends_digest(kind, provenance));
  text("content_digest", content);
  h5::write_attribute(file, "/", "complete", std::int64_t{1});
}

/// Why `file` is not a finished artifact of `kind` and of a readable schema; "" if it is.
std::string defect(const h5::File& file, const Kind& kind) {
  if (!h5::has_attribute(file, "/", "kind") || !h5::has_attribute(file, "/", "schema_version")) {
    return "it was not made by this program";
  }
  const std::string found = h5::read_text_attribute(file, "/", "kind");
  if (found != kind.name) return fmt::format("it is of kind '{}', expected '{}'", found, kind.name);
  const std::string schema = h5::read_text_attribute(file, "/", "schema_version");
  if (schema.substr(0, schema.find('.')) != std::to_string(kind.schema_major)) {
    return fmt::format("its format is version {}, expected {}", schema, schema_text(kind));
  }
  if (!h5::has_attribute(file, "/", "complete") || h5::read_number_attribute(file, "/", "complete") != 1.0) {
    return "it was never finished";
  }
  return "";
}

bool is_there(const fs::path& path) {
  std::error_code failure;
  return fs::exists(path, failure);
}

/// What only a recording has at its root; "" where the file has none of it, or is ours.
std::string sign_of_recording(const h5::File& file) {
  if (h5::has_attribute(file, "/", "kind") && h5::has_attribute(file, "/", "content_digest")) return "";
  for (const char* object :
       {"/spike_trains", "/sorted_units", "/unit_descriptor", "/raw", "/units", "/acquisition"}) {
    if (h5::exists(file, object)) return object;
  }
  return "";
}

/// Throws Error(output) where something that was recorded has the name of a file that we make.
void refuse_recording(const fs::path& path) {
  if (!is_there(path)) return;
  std::string sign;
  try {
    sign = h5::reading([&] { return sign_of_recording(h5::File::open_read(path)); });
  } catch (const Error&) {
    // Damaged, or no HDF5.
  }
  if (sign.empty()) return;
  throw Error(ErrorKind::output, "{}: holds {}, so it is a recording: nothing is written over it. Move it.",
              path.string(), sign);
}

std::vector<Input> parse_inputs(const std::string& json, const h5::File& file) {
  try {
    return nlohmann::json::parse(json).get<std::vector<Input>>();
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::input, "{}: its list of inputs cannot be read. The file is damaged.",
                file.path().string());
  }
}

/// `file`, which is a finished artifact, with its header.
Opened opened(h5::File file) {
  const auto text = [&](const char* name) { return h5::read_text_attribute(file, "/", name); };
  Header header{text("content_digest"), text("depends_digest"), text("config_text"),
                parse_inputs(text("inputs"), file), read_subject(file)};
  return {std::move(file), std::move(header)};
}

}  // namespace

std::string Subject::name() const { return fold ? fmt::format("{}_fold_{}", fit, *fold) : fit; }

std::vector<Subject> networks_of(const std::string& session, const std::string& fit, std::size_t folds) {
  if (folds == 1) return {{session, fit}};
  std::vector<Subject> networks;
  networks.reserve(folds);
  for (std::uint32_t fold = 0; fold < folds; ++fold) networks.push_back({session, fit, fold});
  return networks;
}

std::string depends_digest(const Kind& kind, const Provenance& provenance) {
  Digest digest;
  digest.add_text(kind.name);
  digest.add_text(schema_text(kind));
  digest.add_text(provenance.config_text);
  for (const Input& input : provenance.inputs) {
    digest.add_text(input.kind);
    digest.add_text(input.digest);
  }
  return digest.hex();
}

std::string content_digest(const h5::File& file, const std::function<void()>& before_each) {
  Digest digest;
  for (const std::string& object : h5::datasets_below(file, "/"))
    h5::add_to_digest(file, object, digest, before_each);
  return digest.hex();
}

std::string publish(const fs::path& path, const Kind& kind, const Provenance& provenance,
                    const std::function<void(h5::File&)>& fill) {
  refuse_recording(path);
  std::string content;
  const std::string image = h5::build_image(path, [&](h5::File& file) {
    fill(file);
    // Read back through HDF5's filters: what is recorded is what a reader will get.
    content = content_digest(file);
    write_header(file, kind, provenance, content);
  });
  write_file(path, image);
  return content;
}

std::string publish_in_parts(const fs::path& path, const Kind& kind, const Provenance& provenance,
                             const std::vector<std::function<void(h5::File&)>>& parts) {
  refuse_recording(path);
  AtomicFile target(path);
  target.write(h5::build_image(path, [](h5::File&) {}));
  const auto add = [&](const std::function<void(h5::File&)>& part) {
    h5::write_edit(h5::edit_in_memory(target.temporary(), part), target, end_if_stop_requested);
  };
  for (const auto& part : parts) add(part);
  std::string content = content_digest(h5::File::open_read(target.temporary()), end_if_stop_requested);
  add([&](h5::File& file) { write_header(file, kind, provenance, content); });
  target.publish();
  return content;
}

bool Header::made_from(std::string_view kind, std::string_view digest) const {
  return std::ranges::any_of(
      inputs, [&](const Input& input) { return input.kind == kind && input.digest == digest; });
}

Input Opened::as_input(const Kind& kind) const {
  return {file.path().filename().string(), std::string(kind.name), header.content_digest};
}

void detail::throw_with_advice(const Error& error, const Kind& kind) {
  if (error.kind() == ErrorKind::stopped) throw error;
  throw Error(ErrorKind::input, "{} Run {} --force again.", sentence(error.what()), kind.stage);
}

Opened open(const fs::path& path, const Kind& kind) {
  try {
    return h5::reading([&] {
      h5::File file = h5::File::open_read(path);
      const std::string why = defect(file, kind);
      if (!why.empty()) throw Error(ErrorKind::input, "{}: cannot be used, {}", path.string(), why);
      return opened(std::move(file));
    });
  } catch (const Error& error) {
    if (!is_there(path)) {
      throw Error(ErrorKind::input, "{}: not there yet. Run {} first.", path.string(), kind.stage);
    }
    detail::throw_with_advice(error, kind);
  }
}

void check_content(const Opened& opened) {
  if (content_digest(opened.file, end_if_stop_requested) == opened.header.content_digest) return;
  throw Error(ErrorKind::input, "{}: its content is not what was written", opened.file.path().string());
}

Opened open_whole(const fs::path& path, const Kind& kind) {
  Opened opened = open(path, kind);
  read(opened, kind, [](const h5::File&) {});
  return opened;
}

void check_made_from(const Opened& made, const Kind& kind, const Input& source) {
  if (made.header.made_from(source.kind, source.digest)) return;
  throw Error(ErrorKind::input, "{}: was made from another {} than the present one. Run {} again.",
              made.file.path().string(), source.name, kind.stage);
}

void check_subject(const Opened& opened, const Kind& kind, const Provenance& expected) {
  if (!opened.header.subject || !expected.subject) return;
  const Subject &found = *opened.header.subject, &ours = *expected.subject;
  const auto refuse = [&](const std::string& holds, const std::string& instead) {
    throw Error(
        ErrorKind::input,
        "{}: was made for {}, expected {}. Move it to where it belongs, or replace it with {} --force.",
        opened.file.path().string(), holds, instead, kind.stage);
  };
  if (found.name() != ours.name()) refuse(found.name(), ours.name());
  if (found.session == ours.session || expected.inputs.empty()) return;
  const bool renamed = std::ranges::any_of(
      expected.inputs, [&](const Input& input) { return opened.header.made_from(input.kind, input.digest); });
  if (!renamed) refuse(fmt::format("session '{}'", found.session), fmt::format("session '{}'", ours.session));
}

std::optional<Opened> try_open(const fs::path& path, const Kind& kind) {
  try {
    return open(path, kind);
  } catch (const Error&) {
    // Whoever needs the file to be whole opens it with open(), which says what is wrong.
    return std::nullopt;
  }
}

std::optional<Opened> open_up_to_date(const fs::path& path, const Kind& kind, const Provenance& provenance,
                                      bool force) {
  if (force) {
    refuse_recording(path);
    return std::nullopt;
  }
  std::optional<h5::File> found;
  try {
    found.emplace(h5::reading([&] { return h5::File::open_read(path); }));
  } catch (const Error& error) {
    if (!is_there(path)) return std::nullopt;
    throw Error(error.kind(), "{} {} --force replaces it.", sentence(error.what()), kind.stage);
  }
  return h5::reading([&]() -> std::optional<Opened> {
    h5::File& file = *found;
    const bool ours = h5::has_attribute(file, "/", "kind") && h5::has_attribute(file, "/", "complete") &&
                      h5::read_text_attribute(file, "/", "kind") == kind.name;
    if (!ours) {
      throw Error(ErrorKind::input, "{}: is in the way: {}. Move it, or replace it with {} --force.",
                  path.string(), defect(file, kind), kind.stage);
    }
    if (!defect(file, kind).empty()) return std::nullopt;
    Opened there = opened(std::move(file));
    check_subject(there, kind, provenance);
    if (there.header.depends_digest != depends_digest(kind, provenance)) return std::nullopt;
    return there;
  });
}

}  // namespace rnn_rates::artifact
