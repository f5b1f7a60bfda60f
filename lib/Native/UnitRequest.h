//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// What the compiler is told of a unit.

#ifndef FUSEVM_LIB_NATIVE_UNITREQUEST_H
#define FUSEVM_LIB_NATIVE_UNITREQUEST_H

#include "../Interp/Machine.h"

#include "fusevm/Native/Engine.h"
#include "fusevm/Native/JitExtension.h"

#include <memory>
#include <string>
#include <vector>

namespace fusevm {

/// What was seen at an op.
struct OpProfile {
  uint16_t kinds[2] = {0, 0}; ///< sets of kinds of the top value and the one below
  uint8_t failures = 0;       ///< guards of the op that failed
  /// Whether an access of a hash has not found its key where it was last found; while it was
  /// watched, or what was compiled to expect it.
  enum Misses : uint8_t { None, Watched, Failed } misses = None;
};

/// Adds to \p profile, of as many ops or of none, what \p other has seen. What has failed is
/// nothing that was seen.
void addProfile(std::vector<OpProfile> &profile, const std::vector<OpProfile> &other);

/// Guards of an op that may fail before it is compiled for any kind.
inline constexpr uint8_t maxGuardFailures = 3;

/// The kinds of all values that a unit may assume at its entry; FUSEVM_ANY_KIND where it
/// assumes nothing.
struct EntryKinds {
  std::vector<uint8_t> slots;
  std::vector<uint8_t> globals;
  std::vector<uint8_t> stack;

  /// Those of \p machine at ip.
  static EntryKinds of(const Machine &machine);
  /// Assumes of slots that are not in \p liveSlots, see findLiveSlots(), only whether they hold
  /// something on the heap.
  void ignoreDeadSlots(uint64_t liveSlots);
  /// Gives up the assumptions that do not hold for \p other.
  void widen(const EntryKinds &other);
};

/// A request to compile the code from \p op of the chunk of \p machine on. Of \p profile and
/// \p nativeFunctions, see findNativeFunctions(), nothing is kept.
class UnitRequest final : public OwnedRequest {
public:
  UnitRequest(const Machine &machine, uint64_t op, EntryKinds kinds,
              const std::vector<OpProfile> &profile, const std::vector<bool> &nativeFunctions,
              std::vector<std::shared_ptr<const JitExtension>> extensions);
  /// Of a boxed unit, for all ops of \p chunk.
  explicit UnitRequest(std::shared_ptr<const Chunk> chunk);

  /// Leaves out what the function of the entry has behind \p end, if that is much: it does not run
  /// yet, and what runs is ready sooner.
  void leaveOutMuchBehind(uint64_t end);
  /// The same if there are loops of which nothing has been seen: they are better compiled when they
  /// run, and their kinds are known.
  void leaveOutUnseenBehind(uint64_t end);

private:
  bool isOfMain() const;
  void leaveOutBehind(uint64_t end);

  std::shared_ptr<const Chunk> chunk;
  std::vector<std::string> names; ///< of the functions
  std::vector<FusevmJitFunction> functions;
  EntryKinds kinds;
  std::vector<FusevmJitOpFacts> facts;
  std::vector<FusevmJitConstant> constants;
  std::vector<std::shared_ptr<const JitExtension>> extensions;
  std::vector<FusevmJitExtension> extensionTable;
};

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_UNITREQUEST_H
