//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The units of a chunk on disk, in one file.

#ifndef FUSEVM_LIB_NATIVE_UNITFILE_H
#define FUSEVM_LIB_NATIVE_UNITFILE_H

#include "CacheDirectory.h"
#include "UnitRegistry.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm {

/// A unit that is kept on disk.
struct StoredUnit {
  UnitKey key;            ///< of no particular chunk in memory
  FusevmJitAnswer answer; ///< without listings
};

/// What a file has.
struct StoredUnits {
  std::vector<StoredUnit> units = {};
  /// What was seen of the ops of the chunk; empty if nothing was.
  std::vector<OpProfile> profile = {};
  /// In how many runs the compiler has been opened for the chunk since the last unit came.
  uint32_t attempts = 0;
};

/// Which file has the units of a chunk. Two chunks of which the compiler is told the same share it.
class UnitFile {
public:
  /// \p request is one for the chunk, of any entry and without a profile; \p compiler tells
  /// compilers, and processors, from each other whose code must not be mixed up.
  UnitFile(CacheDirectory directory, const FusevmJitRequest &request, uint64_t compiler);

  /// Without folder and suffix.
  std::string name() const;

  /// What the file has; nothing if it is not there or is damaged. The answers point into \p bytes.
  std::optional<StoredUnits> read(std::string &bytes) const;

  /// Notes in the file that the compiler is opened for a unit, which may come too late.
  void noteAttempt() const;

  /// Puts \p added into the file, in place of what it replaces there, and of the oldest units if
  /// there are very many, and what \p profile has seen.
  void add(const StoredUnit &added, const std::vector<OpProfile> &profile) const;

  /// The contents of a file.
  std::string encode(const StoredUnits &stored) const;
  /// The same backwards. Nothing if \p bytes are not what encode() made for this file.
  std::optional<StoredUnits> decode(std::string_view bytes) const;
  /// What decode() does when it knows the file: \p count units of a chunk of \p opCount ops.
  static std::optional<std::vector<StoredUnit>> decodeUnits(std::string_view bytes, uint64_t count,
                                                            uint64_t opCount);

private:
  CacheDirectory directory;
  uint64_t chunk[2];
  uint64_t compiler;
  uint64_t opCount;
  bool isLinear;
};

} // namespace fusevm

#endif // FUSEVM_LIB_NATIVE_UNITFILE_H
