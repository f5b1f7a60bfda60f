//===- ChunkAssembler.h - A chunk in the order of its text ------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_IR_CHUNKASSEMBLER_H
#define FUSEVM_LIB_IR_CHUNKASSEMBLER_H

#include "TextLexer.h"

#include "fusevm/IR/Chunk.h"

#include "absl/container/flat_hash_map.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

/// What a label names. Each has a namespace of its own.
enum class LabelSpace : uint8_t { Op, Block, Chunk, Constant };
inline constexpr size_t numLabelSpaces = 4;

/// A label as it is written somewhere. \c name is a view of the text.
struct LabelText {
  std::string_view name;
  TextPlace place;
};

/// Where the value of a label goes.
struct LabelUse {
  enum class Field : uint8_t { Operand, EntryOp, RangeStart, RangeEnd };

  LabelSpace space;
  Field field;
  uint8_t operand = 0; ///< for an operand, which one
  size_t index = 0;    ///< of the op, sub entry or block range
};

/// Takes the statements of one chunk in their order. Labels may be used before they are
/// defined. Reports errors in the use of names; syntax is the reader's.
class ChunkAssembler {
public:
  /// \p start is where the text of the chunk begins. Names given to the assembler must
  /// outlive it.
  ChunkAssembler(TextErrors &errors, TextPlace start) : errors(errors), start(start) {}

  /// Returns the chunk. Labels that are still missing and blocks that are still open are
  /// errors.
  Chunk finish();

  const TextPlace &startPlace() const { return start; }
  uint64_t nextOp() const { return chunk.ops.size(); }
  size_t numSubChunks() const { return chunk.subChunks.size(); }

  /// Appends \p opcode with all operands zero; returns its index.
  size_t addOp(Opcode opcode, size_t textLine);
  void setOperand(size_t op, size_t operand, uint64_t bits);

  void define(LabelSpace space, const LabelText &label, uint64_t value);
  /// Stores the value of \p label, now or when it is defined.
  void use(const LabelText &label, const LabelUse &use);
  /// Stores a value that was written as a number.
  void store(const LabelUse &use, uint64_t value);

  // Pools. The functions that intern look for an entry first; they return nothing if the
  // index does not fit an operand.
  void addConstant(Value value);
  void addName(std::string_view text);
  std::optional<uint16_t> internConstant(Value value);
  std::optional<uint16_t> internName(std::string_view text);
  uint64_t numConstants() const { return chunk.constants.size(); }

  /// Appends a sub entry at the next op; returns its index.
  size_t addSubEntry(uint16_t name);
  /// Slots declared before have no names any more.
  void beginSlots();
  /// Declares the first free slot, or the given one.
  void declareSlot(const LabelText &slot);
  void declareSlot(const LabelText &slot, uint16_t index);
  /// Returns the slot, nothing after reporting that there is none of this name.
  std::optional<uint16_t> findSlot(const LabelText &slot);

  /// Begins a block at the next op. The label may have no name, after an error.
  void openBlock(const LabelText &label);
  /// Ends the innermost block. Returns false if none is open.
  bool closeBlock();
  /// Appends a block range; returns its index.
  size_t addRange();

  void addSubChunk(Chunk subChunk) { chunk.subChunks.push_back(std::move(subChunk)); }
  /// Returns false if there is a source already.
  bool setSource(std::string text);
  /// Sets the line of the ops that follow. Returns false if there is a line table.
  bool setLine(uint32_t line);
  /// Returns false if the lines were set in some way before.
  bool setLineTable(std::vector<uint32_t> table);

private:
  struct Definition {
    uint64_t value;
    size_t line;
  };
  struct PendingUse {
    LabelText label;
    LabelUse use;
  };
  using Labels = absl::flat_hash_map<std::string_view, Definition>;
  /// Where the lines of ops come from.
  enum class LineSource : uint8_t { Text, Directives, Table };

  void store(const LabelText &label, const LabelUse &use, uint64_t value);
  void reportUndefined(const PendingUse &pending);
  std::string suggestLabel(LabelSpace space, std::string_view name) const;

  TextErrors &errors;
  TextPlace start;
  Chunk chunk;
  std::array<Labels, numLabelSpaces> labels;
  std::vector<PendingUse> pending;
  /// Pool entries by text, of equal ones the first.
  absl::flat_hash_map<std::string, size_t> constantIndex;
  absl::flat_hash_map<std::string, size_t> nameIndex;
  absl::flat_hash_map<std::string_view, uint16_t> slots;
  uint32_t nextSlot = 0;
  struct OpenBlock {
    size_t range;
    TextPlace place;
  };
  std::vector<OpenBlock> openBlocks;
  LineSource lineSource = LineSource::Text;
  uint32_t currentLine = 0;
  bool hasSource = false;
};

} // namespace fusevm

#endif // FUSEVM_LIB_IR_CHUNKASSEMBLER_H
