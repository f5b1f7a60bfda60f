//===- JsonPath.h - Places in a JSON document -------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_IR_JSONPATH_H
#define FUSEVM_LIB_IR_JSONPATH_H

#include <cstddef>
#include <string>
#include <string_view>

namespace fusevm {

/// A place in a document, for messages. Whoever walks down a document keeps one on the
/// stack for each level, so that nothing is paid for until there is an error.
class JsonPath {
public:
  /// The root, `$`.
  JsonPath() = default;
  /// A member of an object; \p key is not copied.
  JsonPath(const JsonPath &parent, std::string_view key) : parent(&parent), key(key) {}
  /// An element of an array.
  JsonPath(const JsonPath &parent, size_t index) : parent(&parent), isElement(true), index(index) {}
  JsonPath(const JsonPath &) = delete;
  JsonPath &operator=(const JsonPath &) = delete;

  /// Returns the place as text: `$.constants[3].Hash["a b"].Int`. The middle of a very
  /// long path is left out.
  std::string str() const;

private:
  void appendStep(std::string &out) const;

  const JsonPath *parent = nullptr;
  bool isElement = false;
  std::string_view key;
  size_t index = 0;
};

/// Returns \p text in double quotes for a message: shortened if it is long, without
/// control characters and bytes that are not UTF-8.
std::string quoteForMessage(std::string_view text);

} // namespace fusevm

#endif // FUSEVM_LIB_IR_JSONPATH_H
