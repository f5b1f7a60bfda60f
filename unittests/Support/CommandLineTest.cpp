//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "fusevm/Support/CommandLine.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace fusevm;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

/// A program with one option of each kind.
class CommandLineTest : public testing::Test {
protected:
  std::vector<Option> options() {
    return {
        {"--loud", "", "say more", &loud, 'l'},
        {"--size", "N", "how many there are", &size},
        {"--fuel", "N", "when to stop", &fuel},
        {"--loop", "auto|baseline", "which loop to use", &loop},
        {"--tier", "interp", "what to use", &tier},
        {"--out", "PATH", "where to write", &out},
        {"--stats", "text|json", "print statistics", &stats, 0, "text"},
    };
  }

  absl::StatusOr<CommandLine> parse(std::vector<const char *> arguments) {
    return parseCommandLine(usage, options(), arguments);
  }

  std::string errorOf(std::vector<const char *> arguments) {
    absl::StatusOr<CommandLine> line = parse(std::move(arguments));
    return line.ok() ? "no error" : std::string(line.status().message());
  }

  std::vector<std::string_view> operandsOf(std::vector<const char *> arguments) {
    absl::StatusOr<CommandLine> line = parse(std::move(arguments));
    EXPECT_TRUE(line.ok()) << line.status();
    return line.ok() ? line->operands : std::vector<std::string_view>{"(error)"};
  }

  ProgramUsage usage = {"prog", "FILE...", "Does things.\n", "example:\n  prog a\n"};
  bool loud = false;
  uint64_t size = 7;
  std::optional<uint64_t> fuel;
  std::string_view loop = "auto";
  std::string_view tier = "interp";
  std::string_view out;
  std::string_view stats = "";
};

TEST_F(CommandLineTest, keepsDefaultsWithoutArguments) {
  EXPECT_THAT(operandsOf({}), IsEmpty());
  EXPECT_FALSE(loud);
  EXPECT_EQ(size, 7u);
  EXPECT_EQ(fuel, std::nullopt);
}

TEST_F(CommandLineTest, takesValuesAfterEqualsOrAsTheNextArgument) {
  EXPECT_THAT(operandsOf({"--size=12", "--fuel", "18446744073709551615", "--loop", "baseline",
                          "--out=a=b", "--loud", "x"}),
              ElementsAre("x"));
  EXPECT_EQ(size, 12u);
  EXPECT_EQ(fuel, UINT64_MAX);
  EXPECT_EQ(loop, "baseline");
  EXPECT_EQ(out, "a=b");
  EXPECT_TRUE(loud);
}

TEST_F(CommandLineTest, takesShortForms) {
  EXPECT_THAT(operandsOf({"-l"}), IsEmpty());
  EXPECT_TRUE(loud);
}

TEST_F(CommandLineTest, lastOfAnOptionCounts) {
  EXPECT_THAT(operandsOf({"--size=1", "--size=2"}), IsEmpty());
  EXPECT_EQ(size, 2u);
}

TEST_F(CommandLineTest, bareOptionsTakeTheirArgumentAfterEqualsOnly) {
  EXPECT_THAT(operandsOf({"--stats", "json"}), ElementsAre("json"));
  EXPECT_EQ(stats, "text");
  EXPECT_THAT(operandsOf({"--stats=json"}), IsEmpty());
  EXPECT_EQ(stats, "json");
}

TEST_F(CommandLineTest, anEmptyTextIsAValue) {
  out = "somewhere";
  EXPECT_THAT(operandsOf({"--out="}), IsEmpty());
  EXPECT_EQ(out, "");
}

TEST_F(CommandLineTest, dashIsAnOperandAndTwoDashesEndOptions) {
  EXPECT_THAT(operandsOf({"-", "a", "--loud", "b"}), ElementsAre("-", "a", "b"));
  EXPECT_THAT(operandsOf({"--", "--loud", "--", "b"}), ElementsAre("--loud", "--", "b"));
}

TEST_F(CommandLineTest, verbatimOperandsFollowTheFirst) {
  usage.afterOperand = AfterOperand::Verbatim;
  EXPECT_THAT(operandsOf({"--loud", "file", "--size", "--nope"}),
              ElementsAre("file", "--size", "--nope"));
  EXPECT_THAT(operandsOf({"file", "--", "-x"}), ElementsAre("file", "-x"));
  EXPECT_THAT(operandsOf({"file", "--", "--", "-x"}), ElementsAre("file", "--", "-x"));
  EXPECT_THAT(operandsOf({"file", "a", "--", "b"}), ElementsAre("file", "a", "--", "b"));
  EXPECT_THAT(operandsOf({"--", "-file", "--", "-x"}), ElementsAre("-file", "-x"));
}

TEST_F(CommandLineTest, saysWhatIsWrong) {
  EXPECT_EQ(errorOf({"--lop=auto"}), "unknown option: --lop; did you mean --loop?");
  EXPECT_EQ(errorOf({"--zzzzzzzzz"}), "unknown option: --zzzzzzzzz");
  EXPECT_EQ(errorOf({"--loop=fast"}), "option --loop: expected auto|baseline, found 'fast'");
  EXPECT_EQ(errorOf({"--tier=jit"}), "option --tier: expected interp, found 'jit'");
  EXPECT_EQ(errorOf({"--stats="}), "option --stats: expected text|json, found ''");
  EXPECT_EQ(errorOf({"--loop"}), "option --loop needs an argument: auto|baseline");
  EXPECT_EQ(errorOf({"--loud=yes"}), "option --loud takes no argument");
  EXPECT_EQ(errorOf({"--help=yes"}), "option --help takes no argument");
  for (const char *text : {"", "-5", "+5", "1x", " 1", "0x10", "18446744073709551616", "1.5"})
    EXPECT_EQ(errorOf({"--size", text}),
              "option --size: expected a number from 0 to 18446744073709551615, found '" +
                  std::string(text) + "'");
}

TEST_F(CommandLineTest, changesNothingAfterAnError) {
  EXPECT_NE(errorOf({"--loud", "--size=1", "--nope"}), "no error");
  EXPECT_FALSE(loud);
  EXPECT_EQ(size, 7u);
}

TEST_F(CommandLineTest, knowsHelpAndVersion) {
  EXPECT_EQ(parse({"--loud", "--help", "--nope"})->request, CommandLine::Request::Help);
  EXPECT_EQ(parse({"-h"})->request, CommandLine::Request::Help);
  EXPECT_EQ(parse({"--version"})->request, CommandLine::Request::Version);
  EXPECT_EQ(parse({"--", "--version"})->request, CommandLine::Request::Run);
  EXPECT_FALSE(loud) << "the help text must show the defaults";
}

TEST_F(CommandLineTest, helpComesFromTheTable) {
  EXPECT_EQ(helpText(usage, options()),
            "usage: prog [OPTION...] FILE...\n"
            "\n"
            "Does things.\n"
            "\n"
            "options:\n"
            "  -l, --loud            say more\n"
            "  --size=N              how many there are (default: 7)\n"
            "  --fuel=N              when to stop (default: unlimited)\n"
            "  --loop=auto|baseline  which loop to use (default: auto)\n"
            "  --tier=interp         what to use (default: interp)\n"
            "  --out=PATH            where to write\n"
            "  --stats[=text|json]   print statistics\n"
            "  -h, --help            print this text\n"
            "  --version             print the version\n"
            "\n"
            "example:\n"
            "  prog a\n");
}

TEST_F(CommandLineTest, helpBreaksLongSentences) {
  Option option = {"--wide", "N",
                   "a sentence that is so long that it does not fit into one "
                   "line of a terminal with eighty columns",
                   &size};
  EXPECT_THAT(helpText(usage, absl::MakeConstSpan(&option, 1)),
              HasSubstr("  --wide=N    a sentence that is so long that it does not fit into one "
                        "line of a\n"
                        "              terminal with eighty columns (default: 7)\n"));
}

} // namespace
