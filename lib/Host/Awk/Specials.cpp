//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Specials.h"

namespace fusevm::awk {

std::optional<Special> findSpecial(std::string_view name) {
  constexpr std::string_view names[] = {
#define FUSEVM_NAME(Name, Text) Text,
      FUSEVM_AWK_SPECIALS(FUSEVM_NAME)
#undef FUSEVM_NAME
  };
  for (size_t i = 0; i != numSpecials; ++i)
    if (names[i] == name)
      return static_cast<Special>(i);
  return std::nullopt;
}

Specials::Specials(RegexCache &regexes) : regexes(regexes) {
  constexpr std::pair<Special, std::string_view> startTexts[] = {
      {Special::Fs, " "},      {Special::Ofs, " "},        {Special::Ors, "\n"},
      {Special::Rs, "\n"},     {Special::Subsep, "\x1c"},  {Special::Convfmt, "%.6g"},
      {Special::Ofmt, "%.6g"}, {Special::Filename, ""},    {Special::Rt, ""},
      {Special::Errno, ""},    {Special::Fieldwidths, ""}, {Special::Fpat, "[^[:space:]]+"},
  };
  for (Special number : {Special::Rstart, Special::Rlength, Special::Argc, Special::Ignorecase})
    values[static_cast<size_t>(number)] = Value::makeInt(0);
  for (auto [special, text] : startTexts) {
    values[static_cast<size_t>(special)] = Value::makeStr(text);
    texts[static_cast<size_t>(special)] = text;
  }
  // What these are made of cannot be wrong.
  deriveFieldSeparator().IgnoreError();
  deriveRecordSeparator().IgnoreError();
}

absl::Status Specials::set(Special special, Value value) {
  auto index = static_cast<size_t>(special);
  std::string text;
  appendValue(text, value, convfmt());
  std::swap(texts[index], text);
  Special formerSplitsBy = splitsBy;
  bool formerIgnoresCase = ignoresCase;
  absl::Status status;
  switch (special) {
  case Special::Fs:
  case Special::Fieldwidths:
  case Special::Fpat:
    splitsBy = special;
    status = deriveFieldSeparator();
    break;
  case Special::Ignorecase:
    ignoresCase = isTrue(value);
    status = deriveFieldSeparator();
    status.Update(deriveRecordSeparator());
    break;
  case Special::Rs:
    status = deriveRecordSeparator();
    // Newlines separate fields of paragraphs.
    status.Update(deriveFieldSeparator());
    break;
  default: // nothing follows from it
    break;
  }
  if (!status.ok()) {
    std::swap(texts[index], text);
    splitsBy = formerSplitsBy;
    ignoresCase = formerIgnoresCase;
    return status;
  }
  values[index] = std::move(value);
  return absl::OkStatus();
}

void Specials::setText(Special special, std::string_view text) {
  Value &value = values[static_cast<size_t>(special)];
  if (!value.isStr() || value.asStr() != text)
    value = Value::makeStr(text);
}

absl::Status Specials::deriveFieldSeparator() {
  absl::StatusOr<std::shared_ptr<const FieldSeparator>> made;
  if (splitsBy == Special::Fieldwidths) {
    made = FieldSeparator::fromWidths(textOf(Special::Fieldwidths));
  } else if (splitsBy == Special::Fpat) {
    absl::StatusOr<std::shared_ptr<const Regex>> regex =
        regexes.get(textOf(Special::Fpat), ignoresCase);
    if (!regex.ok())
      return regex.status();
    made = FieldSeparator::fromPattern(*std::move(regex));
  } else {
    bool paragraphs = textOf(Special::Rs).empty();
    made = FieldSeparator::fromText(textOf(Special::Fs), paragraphs, ignoresCase, regexes);
  }
  if (!made.ok())
    return made.status();
  fields = *std::move(made);
  return absl::OkStatus();
}

absl::Status Specials::deriveRecordSeparator() {
  std::string_view text = textOf(Special::Rs);
  if (text.empty()) {
    records = {RecordSeparator::Kind::Paragraph, '\n', nullptr};
    return absl::OkStatus();
  }
  if (text.size() == 1) {
    records = {RecordSeparator::Kind::Character, text[0], nullptr};
    return absl::OkStatus();
  }
  absl::StatusOr<std::shared_ptr<const Regex>> regex = regexes.get(text, ignoresCase);
  if (!regex.ok())
    return regex.status();
  records = {RecordSeparator::Kind::Regex, '\n', *std::move(regex)};
  return absl::OkStatus();
}

} // namespace fusevm::awk
