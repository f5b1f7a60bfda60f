//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Native/CodeNames.h"
#include "Native/GdbInterface.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cstring>
#include <elf.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <unistd.h>

using namespace fusevm;
using testing::HasSubstr;

/// The part of GDB's interface that is looked at here.
extern "C" {
struct jit_code_entry {
  jit_code_entry *next;
  jit_code_entry *previous;
  const char *file;
  uint64_t size;
};
struct jit_descriptor {
  uint32_t version;
  uint32_t action;
  jit_code_entry *relevant;
  jit_code_entry *first;
};
extern jit_descriptor __jit_debug_descriptor;
}

namespace {

constexpr std::byte bytes[] = {std::byte{0x90}, std::byte{0xC3}, std::byte{0x55}};
constexpr NamedCode code = {bytes, sizeof(bytes), "square [block] squares.fvm:27", {}};

std::string contentsOf(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <typename T> T at(std::string_view text, size_t offset) {
  T result;
  std::memcpy(&result, text.substr(offset, sizeof(T)).data(), sizeof(T));
  return result;
}

TEST(CodeNamesTest, perfMapHasALineForEach) {
  writeToPerfMap(code);
  writeToPerfMap(code);
  std::ostringstream line;
  line << std::hex << reinterpret_cast<uintptr_t>(bytes) << " 3 square [block] squares.fvm:27\n";
  std::string path = "/tmp/perf-" + std::to_string(::getpid()) + ".map";
  EXPECT_EQ(contentsOf(path), line.str() + line.str());
  std::filesystem::remove(path);
}

TEST(CodeNamesTest, jitDumpHasTheCode) {
  std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(testing::TempDir());
  writeToJitDump(code);
  writeToJitDump(code);
  std::string path = "jit-" + std::to_string(::getpid()) + ".dump";
  std::string dump = contentsOf(path);
  std::filesystem::remove(path);
  std::filesystem::current_path(before);

  EXPECT_EQ(at<uint32_t>(dump, 0), 0x4A695444u);
  EXPECT_EQ(at<uint32_t>(dump, 8), 40u);
  EXPECT_EQ(at<uint32_t>(dump, 20), static_cast<uint32_t>(::getpid()));
  size_t offset = 40;
  for (uint64_t index = 0; index != 2; ++index) {
    std::string_view record = std::string_view(dump).substr(offset);
    EXPECT_EQ(at<uint32_t>(record, 0), 0u);
    EXPECT_EQ(at<uint64_t>(record, 32), reinterpret_cast<uintptr_t>(bytes));
    EXPECT_EQ(at<uint64_t>(record, 40), sizeof(bytes));
    EXPECT_EQ(at<uint64_t>(record, 48), index);
    EXPECT_EQ(record.substr(56, code.name.size() + 1), std::string(code.name) + '\0');
    EXPECT_EQ(record.substr(56 + code.name.size() + 1, 3), "\x90\xC3\x55");
    offset += at<uint32_t>(record, 4);
  }
  EXPECT_EQ(offset, dump.size());
}

TEST(CodeNamesTest, symbolFileHasTheSymbol) {
  std::string file = makeSymbolFile(code);
  auto header = at<Elf64_Ehdr>(file, 0);
  EXPECT_EQ(std::string_view(file).substr(0, 4), "\x7f"
                                                 "ELF");
  std::optional<Elf64_Sym> symbol;
  std::string_view names;
  for (size_t index = 0; index != header.e_shnum; ++index) {
    auto section = at<Elf64_Shdr>(file, header.e_shoff + index * header.e_shentsize);
    if (section.sh_type == SHT_SYMTAB)
      symbol = at<Elf64_Sym>(file, section.sh_offset + sizeof(Elf64_Sym));
    if (section.sh_type == SHT_STRTAB)
      names = std::string_view(file).substr(section.sh_offset, section.sh_size);
  }
  ASSERT_TRUE(symbol);
  EXPECT_EQ(symbol->st_value, reinterpret_cast<uintptr_t>(bytes));
  EXPECT_EQ(symbol->st_size, sizeof(bytes));
  EXPECT_EQ(names.substr(symbol->st_name).data(), std::string(code.name));
}

TEST(CodeNamesTest, gdbsListHasWhatIsThere) {
  auto length = [] {
    int count = 0;
    for (jit_code_entry *entry = __jit_debug_descriptor.first; entry; entry = entry->next)
      ++count;
    return count;
  };
  int before = length();
  auto first = std::make_unique<GdbEntry>(code);
  EXPECT_EQ(__jit_debug_descriptor.action, 1u);
  auto second = std::make_unique<GdbEntry>(code);
  EXPECT_EQ(length(), before + 2);
  first.reset();
  EXPECT_EQ(__jit_debug_descriptor.action, 2u);
  EXPECT_EQ(length(), before + 1);
  second.reset();
  EXPECT_EQ(length(), before);
}

} // namespace
