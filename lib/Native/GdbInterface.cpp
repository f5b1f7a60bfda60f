//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "GdbInterface.h"

#include "fusevm/Support/StrCat.h"

#include <cstdint>
#include <cstring>
#include <elf.h>
#include <mutex>

// What GDB looks for, by these names and with this layout. Weak, because LLVM has the same
// in a program that uses both.
extern "C" {

struct jit_code_entry {
  jit_code_entry *next;
  jit_code_entry *previous;
  const char *file;
  uint64_t size;
};

struct jit_descriptor {
  uint32_t version;
  uint32_t action; ///< 1: an entry was added, 2: one is being removed
  jit_code_entry *relevant;
  jit_code_entry *first;
};

__attribute__((weak)) jit_descriptor __jit_debug_descriptor = {1, 0, nullptr, nullptr};

__attribute__((weak, noinline)) void __jit_debug_register_code() { asm volatile("" ::: "memory"); }

} // extern "C"

namespace fusevm {

namespace {

/// Guards the list, which is the whole process's.
std::mutex listMutex;

enum Section : uint16_t { NoSection, TextSection, SymbolSection, StringSection, sectionCount };

/// Everything in front of the names.
struct SymbolFile {
  Elf64_Ehdr header = {};
  Elf64_Shdr sections[sectionCount] = {};
  Elf64_Sym symbols[2] = {};
};

} // namespace

std::string makeSymbolFile(const NamedCode &code) {
  // Offsets in this table of names stand below.
  constexpr std::string_view sectionNames("\0.text\0.symtab\0.strtab\0", 23);
  SymbolFile file;
  std::memcpy(file.header.e_ident, ELFMAG, SELFMAG);
  file.header.e_ident[EI_CLASS] = ELFCLASS64;
  file.header.e_ident[EI_DATA] =
      __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
  file.header.e_ident[EI_VERSION] = EV_CURRENT;
  // Addresses are what they are.
  file.header.e_type = ET_EXEC;
#ifdef __x86_64__
  file.header.e_machine = EM_X86_64;
#else
  file.header.e_machine = EM_AARCH64;
#endif
  file.header.e_version = EV_CURRENT;
  file.header.e_ehsize = sizeof(Elf64_Ehdr);
  file.header.e_shoff = offsetof(SymbolFile, sections);
  file.header.e_shentsize = sizeof(Elf64_Shdr);
  file.header.e_shnum = sectionCount;
  file.header.e_shstrndx = StringSection;

  auto address = reinterpret_cast<uintptr_t>(code.begin);
  Elf64_Shdr &text = file.sections[TextSection];
  text.sh_name = 1;
  text.sh_type = SHT_NOBITS;
  text.sh_flags = SHF_ALLOC | SHF_EXECINSTR;
  text.sh_addr = address;
  text.sh_size = code.size;
  text.sh_addralign = 1;
  Elf64_Shdr &symbols = file.sections[SymbolSection];
  symbols.sh_name = 7;
  symbols.sh_type = SHT_SYMTAB;
  symbols.sh_offset = offsetof(SymbolFile, symbols);
  symbols.sh_size = sizeof(file.symbols);
  symbols.sh_link = StringSection;
  symbols.sh_info = 1; // the first symbol that is not local
  symbols.sh_addralign = alignof(Elf64_Sym);
  symbols.sh_entsize = sizeof(Elf64_Sym);
  Elf64_Shdr &strings = file.sections[StringSection];
  strings.sh_name = 15;
  strings.sh_type = SHT_STRTAB;
  strings.sh_offset = sizeof(SymbolFile);
  strings.sh_size = sectionNames.size() + code.name.size() + 1;
  strings.sh_addralign = 1;

  Elf64_Sym &symbol = file.symbols[1];
  symbol.st_name = sectionNames.size();
  symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
  symbol.st_shndx = TextSection;
  symbol.st_value = address;
  symbol.st_size = code.size;
  return strCat(std::string_view(reinterpret_cast<const char *>(&file), sizeof(file)), sectionNames,
                code.name, std::string_view("\0", 1));
}

struct GdbEntry::Node : jit_code_entry {};

GdbEntry::GdbEntry(const NamedCode &code)
    : file(makeSymbolFile(code)), node(std::make_unique<Node>()) {
  node->file = file.data();
  node->size = file.size();
  std::lock_guard lock(listMutex);
  node->previous = nullptr;
  node->next = __jit_debug_descriptor.first;
  if (node->next)
    node->next->previous = node.get();
  __jit_debug_descriptor.first = __jit_debug_descriptor.relevant = node.get();
  __jit_debug_descriptor.action = 1;
  __jit_debug_register_code();
}

GdbEntry::~GdbEntry() {
  std::lock_guard lock(listMutex);
  (node->previous ? node->previous->next : __jit_debug_descriptor.first) = node->next;
  if (node->next)
    node->next->previous = node->previous;
  __jit_debug_descriptor.relevant = node.get();
  __jit_debug_descriptor.action = 2;
  __jit_debug_register_code();
}

} // namespace fusevm
