//===- AwkIds.h - Wide extension ids of AWK ---------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The ids of ExtendedWide that belong to AWK and never reach a handler; AwkIds.def lists
/// them.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_IR_AWKIDS_H
#define FUSEVM_IR_AWKIDS_H

#include "fusevm/IR/Instruction.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace fusevm {

/// The ids that belong to AWK, both ends included.
inline constexpr uint16_t firstAwkExtensionId = 40000;
inline constexpr uint16_t lastAwkExtensionId = 40999;

/// The subs that an AWK program consists of: run before, for each and after the records of
/// the main input.
inline constexpr std::string_view awkProgramSubs[] = {"BEGIN", "RECORD", "END"};

/// Whether \p id belongs to AWK.
inline bool isAwkId(uint16_t id) { return id >= firstAwkExtensionId && id <= lastAwkExtensionId; }

/// The ids that only RecordAwkHost knows.
enum class AwkExtension : uint16_t {
#define FUSEVM_AWK_EXTENSION(Number, Name, Pops, Summary) Name = Number,
#include "fusevm/IR/AwkIds.def"
};

/// Returns the op that \p id stands for; nullopt if it stands for none.
std::optional<Opcode> awkOpcode(uint16_t id);

/// Returns how many operands the extension \p id takes; nullopt if there is no such.
std::optional<uint64_t> awkExtensionOperands(uint16_t id, uint64_t payload);

/// Returns what ExtendedWide with an id of AWK does to the stack, if the host knows it.
StackEffect awkStackEffect(uint16_t id, uint64_t payload);

} // namespace fusevm

#endif // FUSEVM_IR_AWKIDS_H
