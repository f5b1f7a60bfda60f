//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// File descriptors that the host keeps for itself: closed on exec, and numbered beyond
/// those that a redirection can name.

#ifndef FUSEVM_LIB_HOST_SHELL_DESCRIPTORS_H
#define FUSEVM_LIB_HOST_SHELL_DESCRIPTORS_H

#include "absl/functional/function_ref.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fusevm::shell {

/// Redirections name descriptors below this.
inline constexpr int firstPrivateDescriptor = 256;

/// An owned descriptor.
class Descriptor {
public:
  Descriptor() = default;
  /// Takes over \p number, which is open, or -1.
  explicit Descriptor(int number) : number(number) {}
  Descriptor(Descriptor &&other) noexcept : number(std::exchange(other.number, -1)) {}
  Descriptor &operator=(Descriptor &&other) noexcept {
    reset();
    number = std::exchange(other.number, -1);
    return *this;
  }
  ~Descriptor() { reset(); }

  bool isOpen() const { return number >= 0; }
  int get() const { return number; }
  int release() { return std::exchange(number, -1); }
  void reset();

private:
  int number = -1;
};

/// Duplicates \p number to a private descriptor. Closed, with errno set, if that fails.
Descriptor duplicatePrivately(int number);
/// Moves \p descriptor to a private number.
Descriptor movePrivately(Descriptor descriptor);

/// Opens \p path to a private descriptor. Closed, with errno set, if that fails; a signal ends
/// the wait for the other side of a FIFO.
Descriptor openPrivately(const std::string &path, int flags, unsigned mode = 0666);

struct Pipe {
  Descriptor read;
  Descriptor write;
};
/// Makes a pipe of private descriptors; both are closed, with errno set, if that fails.
Pipe makePipe();

/// Makes a file in memory that holds \p body, open for reading from its beginning. Closed,
/// with errno set, if that fails.
Descriptor makeMemoryFile(std::string_view body);

/// Whether \p descriptor can be read, or is at its end, within \p milliseconds. A signal may
/// make it false earlier.
bool isReadable(int descriptor, int milliseconds);

/// Reads from \p descriptor up to the end, or until there are more than \p limit bytes.
/// Before each wait \p awaitInput is asked whether to go on. False, with errno set, if
/// reading fails.
bool readToEnd(int descriptor, std::string &out, size_t limit,
               absl::FunctionRef<bool()> awaitInput);

/// Makes \p target the same as \p source, which differs. False, with errno set, if that
/// fails.
bool duplicateTo(int source, int target);

/// Whether \p number is open; if \p writing is given, for writing or for reading.
bool isOpenFor(int number, bool writing);

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_DESCRIPTORS_H
