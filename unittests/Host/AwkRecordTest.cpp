//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// Records: reading them, and their fields.

#include "Host/Awk/Record.h"
#include "Host/Awk/RecordReader.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <thread>
#include <unistd.h>

namespace fusevm::awk {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Pairs = std::vector<std::pair<std::string, std::string>>;

RegexCache cache;

RecordSeparator separator(std::string_view rs) {
  if (rs.empty())
    return {RecordSeparator::Kind::Paragraph, '\n', nullptr};
  if (rs.size() == 1)
    return {RecordSeparator::Kind::Character, rs[0], nullptr};
  return {RecordSeparator::Kind::Regex, '\n', *cache.get(rs, false)};
}

/// Reads \p text in pieces of \p pieceSize bytes: records, and what ended each.
Pairs readAll(std::string_view rs, std::string_view text, size_t pieceSize) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  std::thread writer([&] {
    for (size_t i = 0; i < text.size(); i += pieceSize) {
      std::string_view piece = text.substr(i, pieceSize);
      EXPECT_EQ(write(ends[1], piece.data(), piece.size()), static_cast<ssize_t>(piece.size()));
    }
    close(ends[1]);
  });
  RecordReader reader(ends[0], /*borrowed=*/false);
  RecordSeparator rule = separator(rs);
  Pairs result;
  std::string_view record;
  std::string_view terminator;
  while (reader.next(rule, record, terminator) == RecordReader::Status::Record)
    result.emplace_back(record, terminator);
  writer.join();
  return result;
}

class RecordReaderTest : public testing::TestWithParam<size_t> {
protected:
  Pairs read(std::string_view rs, std::string_view text) { return readAll(rs, text, GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Pieces, RecordReaderTest, testing::Values(1, 3, 100));

TEST_P(RecordReaderTest, Characters) {
  EXPECT_THAT(read("\n", ""), IsEmpty());
  EXPECT_THAT(read("\n", "a\n\nb"),
              ElementsAre(std::pair("a", "\n"), std::pair("", "\n"), std::pair("b", "")));
  EXPECT_THAT(read(";", "a;b\n"), ElementsAre(std::pair("a", ";"), std::pair("b\n", "")));
}

TEST_P(RecordReaderTest, Paragraphs) {
  EXPECT_THAT(read("", "\n\na\nb\n\n\n\nc\n \nd\n\n"),
              ElementsAre(std::pair("a\nb", "\n\n\n\n"), std::pair("c\n \nd", "\n\n")));
  EXPECT_THAT(read("", "a\n"), ElementsAre(std::pair("a", "\n")));
  EXPECT_THAT(read("", "\n\n"), IsEmpty());
}

TEST_P(RecordReaderTest, Expressions) {
  EXPECT_THAT(read("[0-9]+", "a12b3c"),
              ElementsAre(std::pair("a", "12"), std::pair("b", "3"), std::pair("c", "")));
  EXPECT_THAT(read("^x|y", "xaxby"), ElementsAre(std::pair("", "x"), std::pair("axb", "y")));
  EXPECT_THAT(read("xy*", "axyyb"), ElementsAre(std::pair("a", "xyy"), std::pair("b", "")));
  EXPECT_THAT(read("\n\n*", "a\n\n\nb\n"),
              ElementsAre(std::pair("a", "\n\n\n"), std::pair("b", "\n")));
}

TEST(RecordReader, LongRecordsAndManyBlocks) {
  std::string text;
  for (size_t i = 0; i != 20; ++i)
    text += std::string(i * 40000, static_cast<char>('a' + i)) + "\n";
  for (size_t piece : {size_t(1000), size_t(65536)}) {
    Pairs records = readAll("\n", text, piece);
    ASSERT_EQ(records.size(), 20u);
    for (size_t i = 0; i != 20; ++i)
      EXPECT_EQ(records[i].first, std::string(i * 40000, static_cast<char>('a' + i)));
  }
}

TEST(RecordReader, TheLastRecordStays) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "first\nlast\n", 11), 11);
  close(ends[1]);
  RecordReader reader(ends[0], /*borrowed=*/false);
  std::string_view record;
  std::string_view terminator;
  RecordSeparator rule = separator("\n");
  for (int i = 0; i != 2; ++i)
    ASSERT_EQ(reader.next(rule, record, terminator), RecordReader::Status::Record);
  std::string_view other;
  EXPECT_EQ(reader.next(rule, other, terminator), RecordReader::Status::End);
  EXPECT_EQ(reader.next(rule, other, terminator), RecordReader::Status::End);
  EXPECT_EQ(record, "last");
}

TEST(RecordReader, Errors) {
  RecordReader reader(-1, /*borrowed=*/true);
  std::string_view record;
  std::string_view terminator;
  EXPECT_EQ(reader.next(separator("\n"), record, terminator), RecordReader::Status::Error);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(reader.next(separator("\n"), record, terminator), RecordReader::Status::End);
}

//===----------------------------------------------------------------------===//
// Record
//===----------------------------------------------------------------------===//

constexpr JoinStyle dashes{"-", "%.6g"};

class RecordTest : public testing::Test {
protected:
  void set(std::string_view text, std::string_view fs = " ") {
    record.setView(text, *FieldSeparator::fromText(fs, false, false, cache));
  }
  std::string_view text(const JoinStyle &style) {
    EXPECT_TRUE(record.update(style, 100).ok());
    return record.text();
  }
  std::string field(size_t index) {
    Value value = record.field(index);
    return value.isUndef() ? "undef" : std::string(value.asStr());
  }

  Record record;
};

TEST_F(RecordTest, AssignedFieldsAndCount) {
  set("a b c");
  EXPECT_EQ(field(3), "c");
  EXPECT_EQ(field(4), "undef");
  record.setField(6, Value::makeStr("f"));
  EXPECT_EQ(record.fieldCount(), 6u);
  EXPECT_EQ(text(dashes), "a-b-c---f");
  record.setFieldCount(2);
  EXPECT_EQ(text(dashes), "a-b");
  record.setFieldCount(4);
  EXPECT_EQ(text(dashes), "a-b--");
  EXPECT_EQ(field(4), "");
}

TEST_F(RecordTest, TextsThatGetTooLargeAreNotMade) {
  set("a b c");
  record.setField(2, Value::makeStr("xyz"));
  EXPECT_EQ(record.update(dashes, 6).message(), "string too large: more than 6 bytes");
  EXPECT_EQ(record.text(), "a b c");
  EXPECT_EQ(record.value().asStr(), "a b c");
  EXPECT_TRUE(record.update(dashes, 7).ok());
  EXPECT_EQ(record.text(), "a-xyz-c");
  EXPECT_EQ(record.value().asStr(), "a-xyz-c");
}

TEST_F(RecordTest, NumbersKeepTheirKind) {
  set("1 2");
  record.setField(2, Value::makeFloat(0.1 + 0.2));
  EXPECT_TRUE(record.field(2).isFloat());
  EXPECT_EQ(text({" ", "%.2f"}), "1 0.30");
  EXPECT_EQ(record.fieldNumber(1), 1);
  EXPECT_EQ(record.fieldNumber(9), 0);
}

TEST_F(RecordTest, CountOfOnlySplitsWhatIsNeeded) {
  set("a b c d");
  EXPECT_EQ(field(2), "b");
  EXPECT_EQ(record.fieldCount(), 4u);
  EXPECT_EQ(text(dashes), "a b c d");
  record.setFieldCount(4);
  EXPECT_EQ(text(dashes), "a-b-c-d");
}

TEST_F(RecordTest, KeptRecordsAreTheirOwn) {
  std::string line = "one two three";
  set(line);
  EXPECT_EQ(field(1), "one");
  record.keep();
  line.assign(line.size(), 'x');
  EXPECT_EQ(field(1), "one");
  EXPECT_EQ(field(3), "three");
  EXPECT_EQ(text(dashes), "one two three");
}

TEST_F(RecordTest, ACopyMayComeFromTheRecordItself) {
  set("a b c", ":");
  record.setField(2, Value::makeStr("tail"));
  std::string_view joined = text(dashes);
  record.setCopy(joined, *FieldSeparator::fromText("-", false, false, cache));
  EXPECT_EQ(record.fieldCount(), 2u);
  record.setCopy(text(dashes).substr(2), *FieldSeparator::fromText(" ", false, false, cache));
  EXPECT_EQ(field(1), "b");
}

} // namespace
} // namespace fusevm::awk
