//===- ShellConstants.h - Operands of the shell ops -------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The numbers in the operands of TestFile, Redirect and ExpandParam.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_INTERP_SHELLCONSTANTS_H
#define FUSEVM_INTERP_SHELLCONSTANTS_H

#include <cstddef>
#include <cstdint>

namespace fusevm {

/// Operand of TestFile. "Followed" is about a symbolic link as the last component.
enum class FileTest : uint8_t {
  IsFile = 0,         ///< -f: a regular file, links followed
  IsDirectory = 1,    ///< -d: a directory, links followed
  IsReadable = 2,     ///< -r: the path exists, links followed; access is not checked
  IsWritable = 3,     ///< -w: the same
  IsExecutable = 4,   ///< -x: one of the three execute bits is set, links followed
  Exists = 5,         ///< -e: exists, links followed
  IsNonEmpty = 6,     ///< -s: has a size above 0, links followed
  IsLink = 7,         ///< -L: a symbolic link, dangling or not
  IsSocket = 8,       ///< -S: a socket, links not followed
  IsFifo = 9,         ///< -p: a FIFO, links not followed
  IsBlockDevice = 10, ///< -b: a block device, links not followed
  IsCharDevice = 11,  ///< -c: a character device, links not followed
};

/// Second operand of Redirect.
enum class RedirectMode : uint8_t {
  Write = 0,      ///< `> file`
  Append = 1,     ///< `>> file`
  Read = 2,       ///< `< file`
  ReadWrite = 3,  ///< `<> file`
  Clobber = 4,    ///< `>| file`
  DupRead = 5,    ///< `<& n`
  DupWrite = 6,   ///< `>& n`
  WriteBoth = 7,  ///< `&> file`
  AppendBoth = 8, ///< `&>> file`
};

/// Operand of ExpandParam.
enum class ParamModifier : uint8_t {
  Default = 0,     ///< `${v:-w}`
  Assign = 1,      ///< `${v:=w}`
  Error = 2,       ///< `${v:?w}`
  Alternate = 3,   ///< `${v:+w}`
  Length = 4,      ///< `${#v}`
  StripShort = 5,  ///< `${v#p}`
  StripLong = 6,   ///< `${v##p}`
  RStripShort = 7, ///< `${v%p}`
  RStripLong = 8,  ///< `${v%%p}`
  SubstFirst = 9,  ///< `${v/p/r}`
  SubstAll = 10,   ///< `${v//p/r}`
  Upper = 11,      ///< `${v^^}`
  Lower = 12,      ///< `${v,,}`
  UpperFirst = 13, ///< `${v^}`
  LowerFirst = 14, ///< `${v,}`
  Indirect = 15,   ///< `${!v}`
  Keys = 16,       ///< `${!v[@]}`
  Slice = 17,      ///< `${v:o:l}`; always two arguments, the length may be Undef
};

/// Returns how many arguments ExpandParam takes off the stack for \p modifier, besides the
/// parameter's name.
constexpr size_t paramArguments(uint8_t modifier) {
  switch (static_cast<ParamModifier>(modifier)) {
  case ParamModifier::Default:
  case ParamModifier::Assign:
  case ParamModifier::Error:
  case ParamModifier::Alternate:
  case ParamModifier::StripShort:
  case ParamModifier::StripLong:
  case ParamModifier::RStripShort:
  case ParamModifier::RStripLong:
    return 1;
  case ParamModifier::SubstFirst:
  case ParamModifier::SubstAll:
  case ParamModifier::Slice:
    return 2;
  case ParamModifier::Length:
  case ParamModifier::Upper:
  case ParamModifier::Lower:
  case ParamModifier::UpperFirst:
  case ParamModifier::LowerFirst:
  case ParamModifier::Indirect:
  case ParamModifier::Keys:
    break;
  }
  return 0;
}

} // namespace fusevm

#endif // FUSEVM_INTERP_SHELLCONSTANTS_H
