//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "JsonDocument.h"

#include "fusevm/IR/Json.h"
#include "fusevm/Support/StrCat.h"

#include "nlohmann/json.hpp"

#include <algorithm>
#include <optional>

namespace fusevm {

namespace {

/// What is wrong with a text, and where.
struct SyntaxError {
  size_t position; ///< of the byte at which reading stopped, from 0
  std::string reason;
};

/// Returns the position of the bracket that opens container number \p depth inside the
/// others. The text before it must be valid.
size_t findNesting(std::string_view text, size_t depth) {
  bool isInString = false;
  size_t position = 0;
  for (; position < text.size(); ++position) {
    char byte = text[position];
    if (byte == '"')
      isInString = !isInString;
    else if (isInString)
      position += byte == '\\';
    else if (byte == ']' || byte == '}')
      ++depth;
    else if ((byte == '[' || byte == '{') && --depth == 0)
      break;
  }
  return position;
}

/// Returns what \p message, a parser's, says beyond the place.
std::string reasonFrom(std::string_view message) {
  size_t start = message.find(" - ");
  if (start != std::string_view::npos)
    message.remove_prefix(start + 3);
  if (message.ends_with("expected end of input"))
    return "trailing characters";
  // What follows repeats bytes of the text, which may be anything.
  return std::string(message.substr(0, message.find("; last read: '")));
}

absl::Status describe(const SyntaxError &error, std::string_view text) {
  std::string_view before = text.substr(0, error.position);
  size_t line = 1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
  size_t newline = before.rfind('\n');
  size_t column =
      1 + (newline == std::string_view::npos ? before.size() : before.size() - newline - 1);
  return absl::InvalidArgumentError(strCat("line ", line, " column ", column, ": ", error.reason));
}

} // namespace

/// Builds the tree from the parser's events.
class JsonTreeBuilder {
public:
  explicit JsonTreeBuilder(JsonDocument &document) : document(document) {}

  /// Reads all of \p text.
  std::optional<SyntaxError> build(std::string_view text);

  // What follows is called by the parser, which prescribes the names. False ends parsing.
  // NOLINTBEGIN(readability-identifier-naming)
  bool null() { return add(JsonKind::Null, 0); }
  bool boolean(bool value) { return add(JsonKind::Bool, value); }
  bool number_integer(int64_t value) {
    // The parser calls this for numbers with a minus sign only, so it is -0 if it is zero.
    if (value == 0)
      return add(JsonKind::Float, std::bit_cast<uint64_t>(-0.0));
    return add(JsonKind::NegativeInt, static_cast<uint64_t>(value));
  }
  bool number_unsigned(uint64_t value) { return add(JsonKind::UnsignedInt, value); }
  bool number_float(double value, const std::string &) {
    return add(JsonKind::Float, std::bit_cast<uint64_t>(value));
  }
  bool string(const std::string &value) {
    countInParent();
    appendString(value);
    return true;
  }
  bool binary(const nlohmann::json::binary_t &) { return false; } // Not in JSON.
  bool start_object(size_t) { return open(JsonKind::Object); }
  bool key(const std::string &value) {
    appendString(value);
    return true;
  }
  bool end_object() { return close(); }
  bool start_array(size_t) { return open(JsonKind::Array); }
  bool end_array() { return close(); }
  bool parse_error(size_t bytesRead, const std::string &, const nlohmann::json::exception &error);
  // NOLINTEND(readability-identifier-naming)

private:
  void countInParent() {
    if (!openContainers.empty())
      ++document.nodes[openContainers.back()].payload;
  }
  bool add(JsonKind kind, uint64_t payload) {
    countInParent();
    document.nodes.push_back({kind, payload, 0});
    return true;
  }
  void appendString(const std::string &value) {
    document.nodes.push_back({JsonKind::String, document.strings.size(), value.size()});
    document.strings += value;
  }
  bool open(JsonKind kind) {
    if (openContainers.size() == maxJsonDepth)
      return false;
    add(kind, 0);
    openContainers.push_back(document.nodes.size() - 1);
    return true;
  }
  bool close() {
    document.nodes[openContainers.back()].extent = document.nodes.size();
    openContainers.pop_back();
    return true;
  }

  JsonDocument &document;
  std::vector<size_t> openContainers;
  std::optional<SyntaxError> error;
};

bool JsonTreeBuilder::parse_error(size_t bytesRead, const std::string &,
                                  const nlohmann::json::exception &error) {
  constexpr int numberOverflow = 406;
  // The parser counts the end of the text as a byte.
  this->error = {bytesRead == 0 ? 0 : bytesRead - 1, error.id == numberOverflow
                                                         ? std::string("number out of range")
                                                         : reasonFrom(error.what())};
  return false;
}

std::optional<SyntaxError> JsonTreeBuilder::build(std::string_view text) {
  // The parser skips this one, and takes a NUL for the end of the text.
  if (text.starts_with("\xef\xbb\xbf"))
    return SyntaxError{0, "unexpected byte-order mark"};
  size_t end = std::min(text.find('\0'), text.size());
  std::string_view parsed = text.substr(0, end);
  bool isComplete = nlohmann::json::sax_parse(parsed.begin(), parsed.end(), this);
  if (!isComplete && !error)
    return SyntaxError{findNesting(text, maxJsonDepth + 1),
                       strCat("more than ", maxJsonDepth, " nested arrays and objects")};
  if (end != text.size() && (isComplete || error->position >= end))
    return SyntaxError{end, "unexpected NUL byte"};
  return std::move(error);
}

absl::StatusOr<JsonDocument> JsonDocument::parse(std::string_view text) {
  JsonDocument document;
  if (std::optional<SyntaxError> error = JsonTreeBuilder(document).build(text))
    return describe(*error, text);
  return document;
}

} // namespace fusevm
