//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "NativeCalls.h"

#include "absl/container/flat_hash_set.h"

namespace fusevm {

std::optional<uint32_t> calleeOf(const ChunkAnalysis &analysis, const Instruction &call) {
  std::optional<uint32_t> function = analysis.functionOfSub(call.a());
  // Subs may begin in the middle of others.
  if (function && analysis.functions[*function].entry == analysis.subEntries.at(call.a()) &&
      analysis.reached(analysis.functions[*function].entry))
    return function;
  return std::nullopt;
}

/// Whether the frames below can be missing while \p instruction is executed.
static bool needsOnlyItsFrame(const Instruction &instruction) {
  const OpInfo &info = instruction.info();
  if (info.has(CallsOut))
    return false;
  switch (info.control) {
  case ControlKind::Block:
  case ControlKind::PushScope:
  case ControlKind::PopScope:
    return false;
  case ControlKind::Next:
  case ControlKind::Jump:
  case ControlKind::Branch:
  case ControlKind::Call:
  case ControlKind::Return:
  case ControlKind::Halt:
    return true;
  }
  return false;
}

namespace {

/// What a function has, and calls.
struct Body {
  bool isNative = true;
  size_t ops = 0;
  std::vector<uint32_t> callees;
};

/// Ops of \p function and all that it calls, but not many more than maxCalledOps.
size_t countCalledOps(const std::vector<Body> &bodies, uint32_t function) {
  absl::flat_hash_set<uint32_t> seen{function};
  std::vector<uint32_t> pending{function};
  size_t count = 0;
  while (!pending.empty() && count <= maxCalledOps) {
    const Body &body = bodies[pending.back()];
    pending.pop_back();
    count += body.ops;
    for (uint32_t callee : body.callees)
      if (seen.insert(callee).second)
        pending.push_back(callee);
  }
  return count;
}

} // namespace

std::vector<bool> findNativeFunctions(const Chunk &chunk, const ChunkAnalysis &analysis) {
  std::vector<Body> bodies(analysis.functions.size());
  for (size_t op = 0; op != chunk.ops.size(); ++op) {
    if (!analysis.reached(op))
      continue;
    Body &body = bodies[analysis.functionOf[op]];
    ++body.ops;
    body.isNative &= needsOnlyItsFrame(chunk.ops[op]);
    if (chunk.ops[op].info().control != ControlKind::Call)
      continue;
    if (std::optional<uint32_t> callee = calleeOf(analysis, chunk.ops[op]))
      body.callees.push_back(*callee);
    else
      body.isNative = false;
  }
  // The first function is the main program.
  bodies[0].isNative = false;
  for (uint32_t function = 0; function != bodies.size(); ++function)
    bodies[function].isNative &= analysis.functions[function].slots <= maxCalleeSlots &&
                                 countCalledOps(bodies, function) <= maxCalledOps;
  bool hasChanged = true;
  while (hasChanged) {
    hasChanged = false;
    for (Body &body : bodies)
      for (uint32_t callee : body.callees)
        if (body.isNative && !bodies[callee].isNative) {
          body.isNative = false;
          hasChanged = true;
        }
  }
  std::vector<bool> result;
  for (const Body &body : bodies)
    result.push_back(body.isNative);
  return result;
}

} // namespace fusevm
