//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Reading records in large blocks.

#ifndef FUSEVM_LIB_HOST_AWK_RECORDREADER_H
#define FUSEVM_LIB_HOST_AWK_RECORDREADER_H

#include "Regex.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace fusevm::awk {

/// What ends a record.
struct RecordSeparator {
  enum class Kind : uint8_t { Character, Paragraph, Regex };

  Kind kind = Kind::Character;
  char character = '\n';
  std::shared_ptr<const Regex> regex;
};

/// Reads records from a descriptor.
class RecordReader {
public:
  /// Takes over \p descriptor, and closes it unless it is \p borrowed.
  RecordReader(int descriptor, bool borrowed) : descriptor(descriptor), borrowed(borrowed) {}
  RecordReader(const RecordReader &) = delete;
  RecordReader &operator=(const RecordReader &) = delete;
  ~RecordReader();

  enum class Status : uint8_t { Record, End, Error };

  /// Reads the next record. \p record and \p terminator, what ended it, are valid until the
  /// next call that finds another one. On an error errno says which.
  Status next(const RecordSeparator &separator, std::string_view &record,
              std::string_view &terminator);

  /// Whether the next call may have to wait for somebody at a terminal.
  bool isInteractive() const;

private:
  /// Where the first record in the buffer ends, and what ends it.
  struct End {
    size_t record;
    size_t terminator;
  };

  /// Finds the end of the record at begin; false if more input is needed to tell.
  bool findEnd(const RecordSeparator &separator, End &found);
  bool findCharacter(char character, End &found);
  bool findBlankLine(End &found);
  bool findMatch(const Regex &regex, End &found);
  /// The end of the last record, when there is no more input.
  End lastEnd(const RecordSeparator &separator) const;

  /// Reads more. False at the end of input and on an error.
  bool fill();
  bool fillEmptied();
  bool added(ssize_t count);
  void makeRoom();
  std::string_view pending() const { return {buffer.get() + begin, end - begin}; }

  struct Free {
    void operator()(char *memory) const { std::free(memory); }
  };

  int descriptor;
  bool borrowed;
  std::unique_ptr<char, Free> buffer;
  size_t capacity = 0;
  size_t begin = 0;   ///< of what is not yet given out
  size_t end = 0;     ///< of what was read
  size_t scanned = 0; ///< bytes from begin on that are known to hold no separator
  bool atEnd = false;
  bool anyRecord = false; ///< there was one, so that ^ does not match any more
  int error = 0;
};

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_RECORDREADER_H
