//===- JsonDocument.h - A JSON document as written --------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The tree of a JSON document with everything that the reading rules depend on: the order
/// of members, members of the same name, and the kind of each number.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_IR_JSONDOCUMENT_H
#define FUSEVM_LIB_IR_JSONDOCUMENT_H

#include "absl/status/statusor.h"

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

class JsonNode;

/// What a node of a document is.
enum class JsonKind : uint8_t {
  Null,
  Bool,
  NegativeInt, ///< below zero, in the range of i64
  UnsignedInt, ///< in the range of u64
  Float,       ///< with a point or an exponent, `-0`, or an integer out of both ranges
  String,
  Array,
  Object,
};

/// A document. Its nodes lie in one vector in the order of the text: first a container, then
/// all its descendants; in an object, each value behind its key.
class JsonDocument {
public:
  /// Reads \p text. InvalidArgument if it is not one valid JSON document in UTF-8, or
  /// nested deeper than maxJsonDepth: "line 3 column 7: REASON".
  static absl::StatusOr<JsonDocument> parse(std::string_view text);

  /// The outermost value. Valid as long as the document, as all nodes are.
  JsonNode root() const;

private:
  friend class JsonNode;
  friend class JsonTreeBuilder;

  struct Node {
    JsonKind kind;
    /// Bool and numbers: the bits. String: offset in `strings`. Containers: the number of
    /// elements or members.
    uint64_t payload;
    /// String: its length. Containers: the index behind the last descendant.
    uint64_t extent;
  };

  std::vector<Node> nodes;
  std::string strings;
};

/// A value in a document, or the key of a member.
class JsonNode {
public:
  class ElementIterator;
  class MemberIterator;
  template <typename Iterator> struct Range {
    Iterator first;
    Iterator last;
    Iterator begin() const { return first; }
    Iterator end() const { return last; }
  };

  JsonNode(const JsonDocument &document, size_t index) : document(&document), index(index) {}

  JsonKind kind() const { return node().kind; }

  // The kind must match.
  bool asBool() const { return assert(kind() == JsonKind::Bool), node().payload != 0; }
  int64_t asNegativeInt() const {
    return assert(kind() == JsonKind::NegativeInt), static_cast<int64_t>(node().payload);
  }
  uint64_t asUnsignedInt() const { return assert(kind() == JsonKind::UnsignedInt), node().payload; }
  double asFloat() const {
    return assert(kind() == JsonKind::Float), std::bit_cast<double>(node().payload);
  }
  std::string_view asString() const {
    assert(kind() == JsonKind::String);
    return std::string_view(document->strings).substr(node().payload, node().extent);
  }
  /// The number of elements or members.
  size_t size() const { return assert(isContainer()), node().payload; }
  /// The elements of an array.
  inline Range<ElementIterator> elements() const;
  /// The members of an object, in order.
  inline Range<MemberIterator> members() const;

private:
  const JsonDocument::Node &node() const { return document->nodes[index]; }
  bool isContainer() const { return kind() == JsonKind::Array || kind() == JsonKind::Object; }
  /// The index behind this node and its descendants.
  size_t endIndex() const { return isContainer() ? node().extent : index + 1; }

  const JsonDocument *document;
  size_t index;
};

/// A member of an object.
struct JsonMember {
  std::string_view key;
  JsonNode value;
};

class JsonNode::ElementIterator {
public:
  explicit ElementIterator(JsonNode element) : element(element) {}
  JsonNode operator*() const { return element; }
  ElementIterator &operator++() {
    element.index = element.endIndex();
    return *this;
  }
  bool operator==(const ElementIterator &other) const {
    return element.index == other.element.index;
  }

private:
  JsonNode element;
};

class JsonNode::MemberIterator {
public:
  explicit MemberIterator(JsonNode key) : key(key) {}
  JsonMember operator*() const { return {key.asString(), value()}; }
  MemberIterator &operator++() {
    key.index = value().endIndex();
    return *this;
  }
  bool operator==(const MemberIterator &other) const { return key.index == other.key.index; }

private:
  JsonNode value() const { return {*key.document, key.index + 1}; }

  JsonNode key;
};

JsonNode::Range<JsonNode::ElementIterator> JsonNode::elements() const {
  assert(kind() == JsonKind::Array);
  return {ElementIterator({*document, index + 1}), ElementIterator({*document, endIndex()})};
}

JsonNode::Range<JsonNode::MemberIterator> JsonNode::members() const {
  assert(kind() == JsonKind::Object);
  return {MemberIterator({*document, index + 1}), MemberIterator({*document, endIndex()})};
}

inline JsonNode JsonDocument::root() const { return {*this, 0}; }

} // namespace fusevm

#endif // FUSEVM_LIB_IR_JSONDOCUMENT_H
