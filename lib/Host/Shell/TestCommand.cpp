//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// The command `test`.

#include "Builtins.h"

#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace fusevm::shell {

namespace {

/// Evaluates an expression. Few arguments are told apart by their number; more are parsed
/// with `-a` binding tighter than `-o`.
class TestExpression {
public:
  explicit TestExpression(Arguments arguments) : rest(arguments) {}

  /// Nothing if the expression is malformed.
  std::optional<bool> evaluate() {
    if (rest.empty())
      return false;
    bool result = disjunction();
    if (isMalformed || !rest.empty())
      return std::nullopt;
    return result;
  }

private:
  std::string take() {
    if (rest.empty()) {
      isMalformed = true;
      return "";
    }
    std::string argument = rest.front();
    rest.remove_prefix(1);
    return argument;
  }
  bool takeIf(std::string_view word) {
    if (rest.empty() || rest.front() != word)
      return false;
    rest.remove_prefix(1);
    return true;
  }

  bool disjunction() {
    bool result = conjunction();
    while (takeIf("-o"))
      result = static_cast<int>(conjunction()) | static_cast<int>(result);
    return result;
  }
  bool conjunction() {
    bool result = negation();
    while (takeIf("-a"))
      result = static_cast<int>(negation()) & static_cast<int>(result);
    return result;
  }
  bool negation() {
    bool isOperand = rest.size() == 1 || (rest.size() >= 3 && isBinary(rest[1]));
    if (!isOperand && takeIf("!"))
      return !negation();
    return primary();
  }

  bool primary() {
    if (rest.size() >= 3 && isBinary(rest[1])) {
      std::string left = take(), comparison = take(), right = take();
      return compare(left, comparison, right);
    }
    if (rest.size() >= 2 && rest.front() == "(") {
      take();
      bool result = disjunction();
      isMalformed |= !takeIf(")");
      return result;
    }
    if (rest.size() >= 2 && isUnary(rest.front())) {
      char test = take()[1];
      return check(test, take());
    }
    return !take().empty();
  }

  static bool isBinary(std::string_view word) {
    for (std::string_view known :
         {"=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"})
      if (word == known)
        return true;
    return false;
  }
  static bool isUnary(std::string_view word) {
    return word.size() == 2 && word[0] == '-' &&
           std::string_view("bcdefghLnprSstuwxz").find(word[1]) != std::string_view::npos;
  }

  int64_t number(std::string_view text) {
    size_t first = text.find_first_not_of(" \t");
    size_t last = text.find_last_not_of(" \t");
    std::optional<int64_t> value = first == std::string_view::npos
                                       ? std::nullopt
                                       : parseInt(text.substr(first, last - first + 1));
    isMalformed |= !value;
    return value.value_or(0);
  }

  bool compare(const std::string &left, std::string_view comparison, const std::string &right) {
    if (comparison == "=" || comparison == "==")
      return left == right;
    if (comparison == "!=")
      return left != right;
    if (comparison == "<")
      return left < right;
    if (comparison == ">")
      return left > right;
    if (comparison == "-nt" || comparison == "-ot" || comparison == "-ef")
      return compareFiles(left, comparison, right);
    int64_t a = number(left), b = number(right);
    if (comparison == "-eq")
      return a == b;
    if (comparison == "-ne")
      return a != b;
    if (comparison == "-lt")
      return a < b;
    if (comparison == "-le")
      return a <= b;
    return comparison == "-gt" ? a > b : a >= b;
  }

  static bool compareFiles(const std::string &left, std::string_view comparison,
                           const std::string &right) {
    struct stat a = {}, b = {};
    bool hasA = stat(left.c_str(), &a) == 0;
    bool hasB = stat(right.c_str(), &b) == 0;
    if (comparison == "-ef")
      return hasA && hasB && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    if (comparison == "-ot") {
      std::swap(a, b);
      std::swap(hasA, hasB);
    }
    auto time = [](const struct stat &status) {
      return std::pair(status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    };
    return hasA && (!hasB || time(a) > time(b));
  }

  bool check(char test, const std::string &operand) {
    if (test == 'n' || test == 'z')
      return operand.empty() == (test == 'z');
    if (test == 't')
      return isatty(static_cast<int>(number(operand))) != 0;
    if (operand.find('\0') != std::string::npos)
      return false;
    if (test == 'r' || test == 'w' || test == 'x') {
      int mode = test == 'r' ? R_OK : test == 'w' ? W_OK : X_OK;
      return faccessat(AT_FDCWD, operand.c_str(), mode, AT_EACCESS) == 0;
    }
    struct stat status;
    bool ofLink = test == 'L' || test == 'h';
    if ((ofLink ? lstat(operand.c_str(), &status) : stat(operand.c_str(), &status)) != 0)
      return false;
    switch (test) {
    case 'b':
      return S_ISBLK(status.st_mode);
    case 'c':
      return S_ISCHR(status.st_mode);
    case 'd':
      return S_ISDIR(status.st_mode);
    case 'f':
      return S_ISREG(status.st_mode);
    case 'g':
      return (status.st_mode & S_ISGID) != 0;
    case 'h':
    case 'L':
      return S_ISLNK(status.st_mode);
    case 'p':
      return S_ISFIFO(status.st_mode);
    case 'S':
      return S_ISSOCK(status.st_mode);
    case 's':
      return status.st_size > 0;
    case 'u':
      return (status.st_mode & S_ISUID) != 0;
    default: // -e
      return true;
    }
  }

  Arguments rest;
  bool isMalformed = false;
};

} // namespace

int32_t testCommand(Session &session, Arguments argv) {
  Arguments arguments = argv.subspan(1);
  if (argv[0] == "[") {
    if (arguments.empty() || arguments.back() != "]") {
      session.say("[", "missing ]");
      return 2;
    }
    arguments.remove_suffix(1);
  }
  std::optional<bool> result = TestExpression(arguments).evaluate();
  if (!result) {
    session.say(argv[0], "malformed expression");
    return 2;
  }
  return *result ? 0 : 1;
}

} // namespace fusevm::shell
