//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "UnitLoader.h"

#include "CodeNames.h"
#include "GdbInterface.h"

#include <cassert>
#include <optional>
#include <utility>

namespace fusevm {

/// The code of a unit in an arena. Debuggers know it as long as it is there.
class NativeUnit::Code {
public:
  Code(std::shared_ptr<CodeArena> arena, const CodeRange &range)
      : arena(std::move(arena)), range(range) {}
  Code(const Code &) = delete;
  Code &operator=(const Code &) = delete;
  ~Code() {
    gdbEntry.reset();
    arena->free(range);
  }

  std::optional<GdbEntry> gdbEntry;

private:
  std::shared_ptr<CodeArena> arena;
  CodeRange range;
};

NativeUnit::NativeUnit() = default;
NativeUnit::~NativeUnit() = default;

absl::StatusOr<std::shared_ptr<CodeArena>> UnitLoader::getArena() {
  std::lock_guard lock(mutex);
  if (!arena) {
    absl::StatusOr<std::unique_ptr<CodeArena>> made = CodeArena::create(config.codeBytes);
    if (!made.ok())
      return made.status();
    arena = *std::move(made);
  }
  return arena;
}

absl::StatusOr<std::shared_ptr<const NativeUnit>> UnitLoader::load(const FusevmJitAnswer &answer) {
  assert(!answer.refusal && "there is no code");
  assert(answer.alignment <= CodeArena::alignment && answer.entryOffset < answer.codeSize);
  absl::StatusOr<std::shared_ptr<CodeArena>> arena = getArena();
  if (!arena.ok())
    return arena.status();
  absl::Span<const std::byte> code(reinterpret_cast<const std::byte *>(answer.code),
                                   answer.codeSize);
  absl::StatusOr<CodeRange> range = (*arena)->add(code);
  if (!range.ok())
    return range.status();

  std::shared_ptr<NativeUnit> unit(new NativeUnit);
  unit->code = std::make_unique<NativeUnit::Code>(*std::move(arena), *range);
  unit->entryPoint = reinterpret_cast<FusevmNativeEntry>(
      reinterpret_cast<uintptr_t>(range->begin + answer.entryOffset));
  unit->snapshotTable.assign(answer.snapshots, answer.snapshots + answer.snapshotCount);
  unit->snapshotValueTable.assign(answer.snapshotValues,
                                  answer.snapshotValues + answer.snapshotValueCount);
  unit->bufferWords = answer.bufferSize;
  unit->callFrameBytes = answer.frameBytes;
  unit->hasWindows = answer.usesWindows;
  unit->nativeOpCount = answer.nativeOps;
  unit->hostOpCount = answer.hostOps;
  unit->codeBytes = answer.codeSize;
  unit->symbolName = answer.symbol;
  unit->compileTimes = answer.times;
  unit->irText = answer.ir ? answer.ir : "";
  unit->assemblyText = answer.assembly ? answer.assembly : "";

  NamedCode named = {range->begin, answer.codeSize, answer.symbol,
                     absl::MakeConstSpan(answer.lines, answer.lineCount)};
  if (config.writesPerfMap)
    writeToPerfMap(named);
  if (config.writesJitDump)
    writeToJitDump(named);
  if (config.registersWithGdb)
    unit->code->gdbEntry.emplace(named);
  return unit;
}

size_t UnitLoader::liveCodeBytes() const {
  std::lock_guard lock(mutex);
  return arena ? arena->usage().used : 0;
}

} // namespace fusevm
