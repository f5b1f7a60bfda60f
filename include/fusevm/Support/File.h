//===- File.h - Whole files and descriptors ---------------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reading and writing whole files. Errors name the path and say what the system said.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_SUPPORT_FILE_H
#define FUSEVM_SUPPORT_FILE_H

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace fusevm {

/// The most bytes that readFile reads, so that a device without an end does not take all
/// memory.
inline constexpr size_t maxFileBytes = size_t(1) << 30;

/// Returns what is in the file \p path, or on standard input if it is "-". Any kind of
/// file that can be read will do: pipes, devices, files of /proc.
absl::StatusOr<std::string> readFile(std::string_view path);

/// Replaces the file \p path by one with \p contents; "-" is standard output.
absl::Status writeFile(std::string_view path, std::string_view contents);

/// Writes all of \p bytes to the open \p descriptor, however many calls it takes. Returns 0 or
/// an errno value.
int writeAll(int descriptor, std::string_view bytes);

/// The same with an error that tells what was being done.
absl::Status writeDescriptor(int descriptor, std::string_view bytes);

/// Reads once, however often a signal gets in the way. Returns what read() does.
ssize_t readOnce(int descriptor, void *memory, size_t size);

/// Returns the names in the directory \p path, the current one if it is empty, but for `.`
/// and `..`, in any order. None if it cannot be read.
std::vector<std::string> directoryEntries(const std::string &path);

/// Returns how messages name the file \p path: its quoted path, or the stream that "-"
/// means.
std::string quotedPath(std::string_view path, std::string_view streamName);

} // namespace fusevm

#endif // FUSEVM_SUPPORT_FILE_H
