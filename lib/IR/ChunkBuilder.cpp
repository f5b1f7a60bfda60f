//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/IR/ChunkBuilder.h"

#include "fusevm/Support/StrCat.h"

namespace fusevm {

static absl::Status poolFull(std::string_view pool) {
  return absl::ResourceExhaustedError(strCat(pool, " is full at ", maxPoolEntries,
                                             " entries: a u16 operand cannot address "
                                             "another"));
}

absl::Status ChunkBuilder::remember(absl::Status status) {
  firstError.Update(status);
  return status;
}

size_t ChunkBuilder::emit(Instruction instruction, uint32_t line) {
  chunk.ops.push_back(instruction);
  chunk.lines.push_back(line);
  return chunk.ops.size() - 1;
}

absl::StatusOr<uint16_t> ChunkBuilder::addConstant(Value value) {
  if (chunk.constants.size() == maxPoolEntries)
    return remember(poolFull("constant pool"));
  chunk.constants.push_back(std::move(value));
  return static_cast<uint16_t>(chunk.constants.size() - 1);
}

absl::StatusOr<uint16_t> ChunkBuilder::addName(std::string_view text) {
  std::string key(text);
  auto known = nameIndex.find(key);
  if (known != nameIndex.end())
    return known->second;
  if (chunk.names.size() == maxPoolEntries)
    return remember(poolFull("name pool"));
  auto index = static_cast<uint16_t>(chunk.names.size());
  chunk.names.push_back(key);
  nameIndex.emplace(std::move(key), index);
  return index;
}

uint16_t ChunkBuilder::constant(Value value) { return addConstant(std::move(value)).value_or(0); }
uint16_t ChunkBuilder::name(std::string_view text) { return addName(text).value_or(0); }

absl::Status ChunkBuilder::patchJump(size_t op, uint64_t target) {
  if (op >= chunk.ops.size())
    return absl::OutOfRangeError(strCat("patch_jump past the end: the chunk has ", chunk.ops.size(),
                                        " ops but the index is ", op));
  Instruction &instruction = chunk.ops[op];
  if (instruction.info().section != Section::ControlFlow || instruction.targetOperand() < 0)
    return absl::InvalidArgumentError(strCat("patch_jump on non-jump op at ", op));
  instruction.setTarget(target);
  return absl::OkStatus();
}

Label ChunkBuilder::newLabel() {
  labels.emplace_back();
  return Label(labels.size() - 1);
}

void ChunkBuilder::bind(Label label) {
  LabelState &state = labels[label.id];
  assert(!state.bound && "label bound twice");
  state.bound = true;
  state.target = currentPos();
  for (size_t jump : state.jumps)
    chunk.ops[jump].setTarget(state.target);
  state.jumps.clear();
}

size_t ChunkBuilder::emitJump(Instruction jump, Label label) {
  assert(jump.targetOperand() >= 0 && "not a jump");
  LabelState &state = labels[label.id];
  jump.setTarget(state.target);
  size_t op = emit(jump);
  if (!state.bound)
    state.jumps.push_back(op);
  return op;
}

void ChunkBuilder::addSubEntry(uint16_t name, uint64_t op) {
  chunk.subEntries.push_back({name, op});
}

absl::StatusOr<uint16_t> ChunkBuilder::addBlockRange(uint64_t start, uint64_t end) {
  if (chunk.blockRanges.size() == maxPoolEntries)
    return remember(poolFull("block range list"));
  chunk.blockRanges.push_back({start, end});
  return static_cast<uint16_t>(chunk.blockRanges.size() - 1);
}

absl::StatusOr<uint16_t> ChunkBuilder::addSubChunk(Chunk subChunk) {
  if (chunk.subChunks.size() == maxPoolEntries)
    return remember(poolFull("sub-chunk list"));
  chunk.subChunks.push_back(std::move(subChunk));
  return static_cast<uint16_t>(chunk.subChunks.size() - 1);
}

absl::StatusOr<Chunk> ChunkBuilder::build() {
  for (const LabelState &label : labels)
    if (!label.bound && !label.jumps.empty()) {
      remember(absl::FailedPreconditionError(
                   strCat("the label of the jump at op ", label.jumps.front(), " was never bound")))
          .IgnoreError();
      break;
    }
  absl::Status error = firstError;
  Chunk result = std::move(chunk);
  *this = ChunkBuilder();
  if (!error.ok())
    return error;
  result.opHash = result.computeOpHash();
  return result;
}

} // namespace fusevm
