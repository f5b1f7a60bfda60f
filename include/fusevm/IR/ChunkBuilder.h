//===- ChunkBuilder.h - Making chunks ---------------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a code generator calls: one method an op, pools with interning, labels.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_IR_CHUNKBUILDER_H
#define FUSEVM_IR_CHUNKBUILDER_H

#include "fusevm/IR/Chunk.h"

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

/// The most entries that a pool addressed by 16-bit operands can hold.
inline constexpr size_t maxPoolEntries = 65536;

/// A jump target that may be bound after the jumps to it are emitted. Made by
/// ChunkBuilder::newLabel(), valid for that builder only.
class Label {
private:
  friend class ChunkBuilder;
  explicit Label(size_t id) : id(id) {}
  size_t id;
};

/// Builds a chunk.
///
/// There is one method an op, named like the op (`builder.LoadInt(40)`); it appends the
/// op with the current line (setLine) and returns its index. Methods that can fail leave
/// the chunk unchanged when they do; besides, the builder remembers the first error and
/// build() returns it, so that a code generator may check once at the end.
class ChunkBuilder {
public:
  ChunkBuilder() = default;

  /// Appends \p instruction with source line \p line; returns its op index.
  size_t emit(Instruction instruction, uint32_t line);
  /// Appends \p instruction with the current line.
  size_t emit(Instruction instruction) { return emit(instruction, currentLine); }

  /// Sets the source line of the ops that follow; 0 at the beginning.
  void setLine(uint32_t line) { currentLine = line; }

  /// Returns the index the next op will get.
  size_t currentPos() const { return chunk.ops.size(); }

#define FUSEVM_OP0(Name, ...)                                                                      \
  size_t Name() { return emit(Instruction::Name()); }
#define FUSEVM_OP1(Name, Number, Section, K0, N0, ...)                                             \
  size_t Name(Operand<OperandKind::K0> N0) { return emit(Instruction::Name(N0)); }
#define FUSEVM_OP2(Name, Number, Section, K0, N0, K1, N1, ...)                                     \
  size_t Name(Operand<OperandKind::K0> N0, Operand<OperandKind::K1> N1) {                          \
    return emit(Instruction::Name(N0, N1));                                                        \
  }
#define FUSEVM_OP3(Name, Number, Section, K0, N0, K1, N1, K2, N2, ...)                             \
  size_t Name(Operand<OperandKind::K0> N0, Operand<OperandKind::K1> N1,                            \
              Operand<OperandKind::K2> N2) {                                                       \
    return emit(Instruction::Name(N0, N1, N2));                                                    \
  }
#define FUSEVM_OP4(Name, Number, Section, K0, N0, K1, N1, K2, N2, K3, N3, ...)                     \
  size_t Name(Operand<OperandKind::K0> N0, Operand<OperandKind::K1> N1,                            \
              Operand<OperandKind::K2> N2, Operand<OperandKind::K3> N3) {                          \
    return emit(Instruction::Name(N0, N1, N2, N3));                                                \
  }
#include "fusevm/IR/Ops.def"

  /// Appends \p value to the constant pool, never sharing entries.
  /// ResourceExhausted when the pool is full.
  absl::StatusOr<uint16_t> addConstant(Value value);

  /// Returns the name pool index of \p text, added if it is new.
  /// ResourceExhausted when the pool is full and does not have it.
  absl::StatusOr<uint16_t> addName(std::string_view text);

  /// As addConstant and addName, for code generators that check at build(): index 0
  /// after an error.
  uint16_t constant(Value value);
  uint16_t name(std::string_view text);

  /// Sets the target of the jump at \p op. InvalidArgument if it is not one of the five
  /// jump ops, OutOfRange if there is no such op.
  absl::Status patchJump(size_t op, uint64_t target);

  /// Makes a label that is not bound yet.
  Label newLabel();
  /// Binds \p label to the next op.
  void bind(Label label);
  /// Emits \p jump, any op with a target, to \p label.
  size_t emitJump(Instruction jump, Label label);

  /// Registers op \p op as the entry of the sub with name index \p name.
  void addSubEntry(uint16_t name, uint64_t op);

  /// Registers a block range. ResourceExhausted when there are 65,536.
  absl::StatusOr<uint16_t> addBlockRange(uint64_t start, uint64_t end);

  /// Adds a nested chunk. ResourceExhausted when there are 65,536.
  absl::StatusOr<uint16_t> addSubChunk(Chunk subChunk);

  /// Sets the source name; the last call wins.
  void setSource(std::string_view source) { chunk.source = source; }

  /// Returns the chunk with its op hash computed, or the first error: a pool that was
  /// full, a label never bound. The builder is empty afterwards.
  absl::StatusOr<Chunk> build();

private:
  struct LabelState {
    bool bound = false;
    uint64_t target = 0;
    std::vector<size_t> jumps;
  };

  absl::Status remember(absl::Status status);

  Chunk chunk;
  uint32_t currentLine = 0;
  absl::flat_hash_map<std::string, uint16_t> nameIndex;
  std::vector<LabelState> labels;
  absl::Status firstError;
};

} // namespace fusevm

#endif // FUSEVM_IR_CHUNKBUILDER_H
