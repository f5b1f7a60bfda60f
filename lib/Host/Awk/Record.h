//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The current record and its fields, each made from the other only when it is asked for.

#ifndef FUSEVM_LIB_HOST_AWK_RECORD_H
#define FUSEVM_LIB_HOST_AWK_RECORD_H

#include "FieldSeparator.h"

#include "fusevm/Runtime/Value.h"

#include "absl/status/status.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm::awk {

/// What the record needs to know to make texts of numbers and to join fields.
struct JoinStyle {
  std::string_view separator;    ///< OFS
  std::string_view numberFormat; ///< CONVFMT
};

class Record {
public:
  /// Makes \p text the record, which must stay until keep() is called or another record is
  /// set. \p separator is used when fields are asked for.
  void setView(std::string_view text, const std::shared_ptr<const FieldSeparator> &separator);
  /// Makes a copy of \p text the record.
  void setCopy(std::string_view text, const std::shared_ptr<const FieldSeparator> &separator);
  /// Makes the record independent of what it was a view of.
  void keep();

  /// Joins the fields if one has changed since the text was made. Fails if that would have more
  /// than \p limit bytes, and leaves text() as it was.
  absl::Status update(const JoinStyle &style, size_t limit) {
    return isStale ? join(style, limit) : absl::OkStatus();
  }
  /// The record's text since update() was called. Valid until the next change.
  std::string_view text() const { return isRebuilt ? std::string_view(rebuilt) : source; }
  /// The same as a value, made once.
  Value value();

  /// The number of fields.
  size_t fieldCount();
  /// Field \p index, from 1; Undef beyond the last one.
  Value field(size_t index);
  /// The number that it is or begins with.
  double fieldNumber(size_t index);

  /// Assigns a field; those in front of a new one are made, too.
  void setField(size_t index, Value value);
  /// Drops fields or adds empty ones.
  void setFieldCount(size_t count);

private:
  absl::Status join(const JoinStyle &style, size_t limit);
  void start(const std::shared_ptr<const FieldSeparator> &newSeparator);
  /// Splits until field \p index is found; false if there is none.
  bool split(size_t index);
  void splitAll() { split(SIZE_MAX); }
  /// The value that was assigned to a field; null if it is as it was split.
  const Value *assigned(size_t index) const {
    return index <= values.size() && !values[index - 1].isUndef() ? &values[index - 1] : nullptr;
  }

  std::string_view source; ///< what fields are split from
  std::string owned;       ///< the source, if it is not somebody else's
  bool isView = false;
  std::shared_ptr<const FieldSeparator> separator;

  std::vector<std::string_view> fields; ///< those found so far, or all if splitDone
  std::vector<Value> values;            ///< of fields that were assigned; may be shorter
  FieldSeparator::Cursor cursor;
  bool splitDone = true;

  bool isStale = false; ///< fields have changed
  std::string rebuilt;  ///< the text made of changed fields
  bool isRebuilt = false;
  Value cached; ///< the text as a value; Undef if not made yet
};

} // namespace fusevm::awk

#endif // FUSEVM_LIB_HOST_AWK_RECORD_H
