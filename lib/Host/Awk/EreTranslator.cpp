//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "EreTranslator.h"

#include "fusevm/Support/Utf8.h"

#include "absl/strings/ascii.h"

#include <cstdio>
#include <optional>
#include <vector>

namespace fusevm::awk {

namespace {

bool isDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool isOctal(char c) { return c >= '0' && c <= '7'; }

void appendHex(std::string &out, unsigned code) {
  char buffer[16];
  int size = std::snprintf(buffer, sizeof(buffer), "\\x{%x}", code);
  out.append(buffer, static_cast<size_t>(size));
}

/// Appends a character that stands for itself.
void appendLiteral(std::string &out, std::string_view bytes) {
  if (bytes.size() == 1 && absl::ascii_ispunct(static_cast<unsigned char>(bytes[0])))
    out += '\\';
  if (bytes[0] == '\0')
    return appendHex(out, 0);
  out += bytes;
}

/// The classes of brackets, by the properties of Unicode. No-break spaces do not separate.
struct NamedClass {
  std::string_view name;
  std::string_view members; ///< to stand in brackets
};
constexpr NamedClass namedClasses[] = {
    {"alpha", "\\p{L}"},
    {"alnum", "\\p{L}\\p{Nd}"},
    {"upper", "\\p{Lu}"},
    {"lower", "\\p{Ll}"},
    {"digit", "0-9"},
    {"xdigit", "0-9A-Fa-f"},
    {"blank", " \\t\\x{1680}\\x{2000}-\\x{2006}\\x{2008}-\\x{200a}\\x{205f}\\x{3000}"},
    {"space", " \\t\\n\\v\\f\\r\\x{1680}\\x{2000}-\\x{2006}\\x{2008}-\\x{200a}\\x{2028}\\x{2029}"
              "\\x{205f}\\x{3000}"},
    {"punct", "\\p{P}\\p{S}"},
    {"cntrl", "\\p{Cc}\\x{2028}\\x{2029}"},
    {"print", "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}\\p{Cf}"},
    {"graph", "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}"},
};

class Translator {
public:
  explicit Translator(std::string_view ere) : rest(ere) {}

  std::string run() {
    // A dot is any character, and newlines are nothing special.
    out = "(?s)";
    while (!rest.empty())
      translate();
    return std::move(out);
  }

  /// Returns the expression's one operand, which may have a + behind it: then \p repeats is
  /// true. nullopt if it has other parts.
  std::optional<std::string> runOperand(bool &repeats) {
    constexpr std::string_view noOperands = "^$.()|*+?{";
    if (rest.empty() || noOperands.find(rest[0]) != std::string_view::npos)
      return std::nullopt;
    translateOperand(rest[0]);
    repeats = at('+');
    if (repeats)
      take();
    return rest.empty() ? std::optional(std::move(out)) : std::nullopt;
  }

private:
  char take() {
    char c = rest[0];
    rest.remove_prefix(1);
    return c;
  }
  bool at(char c) const { return !rest.empty() && rest[0] == c; }

  void translate() {
    char c = rest[0];
    if (c == '*' || c == '+' || c == '?') {
      take();
      return translateRepetition(std::string(1, c));
    }
    if (c == '{')
      if (std::optional<std::string> interval = takeInterval())
        return translateRepetition(*interval);
    repeated = false;
    if (c == '(' || c == '|') {
      if (c == '(')
        groups.push_back(out.size());
      out += take();
      hasOperand = false;
      return;
    }
    operandStart = out.size();
    hasOperand = true;
    translateOperand(c);
  }

  void translateOperand(char c) {
    switch (c) {
    case '\\':
      take();
      return translateEscape();
    case '[':
      take();
      return translateBracket();
    case '^':
      // Beginning of the text, wherever it stands, as $ is its end.
      take();
      out += "\\A";
      hasOperand = false;
      return;
    case '$':
      take();
      out += "\\z";
      return;
    case '.':
      out += take();
      return;
    case ')':
      if (groups.empty())
        return translateLiteral();
      operandStart = groups.back();
      groups.pop_back();
      out += take();
      return;
    default:
      return translateLiteral();
    }
  }

  void translateLiteral() {
    Utf8Character character = firstCharacter(rest);
    appendLiteral(out, rest.substr(0, character.size));
    rest.remove_prefix(character.size);
  }

  /// At the start of an expression a repetition is an ordinary character. Of two in a row
  /// RE2 would take the second for something of its own, so what the first repeats is put in
  /// a group.
  void translateRepetition(const std::string &operatorText) {
    if (!hasOperand) {
      operandStart = out.size();
      for (char c : operatorText)
        appendLiteral(out, {&c, 1});
      hasOperand = true;
      return;
    }
    if (repeated) {
      out.insert(operandStart, "(?:");
      out += ')';
    }
    out += operatorText;
    repeated = true;
  }

  /// Takes {n}, {n,}, {n,m} or {,m}; nullopt if there is none.
  std::optional<std::string> takeInterval() {
    size_t i = 1;
    std::string least;
    std::string most;
    auto digits = [&](std::string &number) {
      while (i < rest.size() && isDigit(rest[i]))
        number += rest[i++];
    };
    digits(least);
    bool hasComma = i < rest.size() && rest[i] == ',';
    if (hasComma) {
      ++i;
      digits(most);
    }
    if (i >= rest.size() || rest[i] != '}' || (least.empty() && most.empty()))
      return std::nullopt;
    rest.remove_prefix(i + 1);
    std::string interval = "{" + (least.empty() ? "0" : least);
    return interval + (hasComma ? "," + most : "") + "}";
  }

  /// Decodes what is behind a backslash if it names one character; nullopt otherwise.
  std::optional<unsigned> takeCharacterEscape(bool inBracket) {
    char c = rest[0];
    constexpr std::string_view letters = "afnrtv";
    constexpr std::string_view codes = "\a\f\n\r\t\v";
    if (size_t i = letters.find(c); i != std::string_view::npos) {
      take();
      return static_cast<unsigned char>(codes[i]);
    }
    if (c == 'b' && inBracket) {
      take();
      return '\b';
    }
    if (isOctal(c)) {
      unsigned code = 0;
      for (int i = 0; i != 3 && !rest.empty() && isOctal(rest[0]); ++i)
        code = code * 8 + static_cast<unsigned>(take() - '0');
      return code & 0xff;
    }
    if (c == 'x' && rest.size() > 1 && absl::ascii_isxdigit(static_cast<unsigned char>(rest[1]))) {
      take();
      unsigned code = 0;
      for (int i = 0; i != 2 && !rest.empty(); ++i) {
        if (!absl::ascii_isxdigit(static_cast<unsigned char>(rest[0])))
          break;
        char digit = absl::ascii_tolower(static_cast<unsigned char>(take()));
        code = code * 16 + static_cast<unsigned>(isDigit(digit) ? digit - '0' : digit - 'a' + 10);
      }
      return code;
    }
    return std::nullopt;
  }

  void translateEscape() {
    if (rest.empty()) {
      out += "\\\\";
      return;
    }
    if (std::optional<unsigned> code = takeCharacterEscape(/*inBracket=*/false))
      return appendHex(out, *code);
    char c = rest[0];
    switch (c) {
    case 'y':
    case '<':
    case '>':
      take();
      out += "\\b";
      return;
    case 'B':
    case 'w':
    case 'W':
    case 's':
    case 'S':
      take();
      out += '\\';
      out += c;
      return;
    case '`':
      take();
      out += "\\A";
      return;
    case '\'':
      take();
      out += "\\z";
      return;
    default:
      return translateLiteral();
    }
  }

  void translateBracket() {
    std::string members;
    bool negated = at('^');
    if (negated)
      take();
    for (bool first = true; !rest.empty() && (first || rest[0] != ']'); first = false)
      translateMember(members);
    if (!rest.empty())
      take();
    else
      members += "\\"; // no closing bracket: RE2 says so
    out += negated ? "[^" : "[";
    out += members;
    out += ']';
  }

  /// A character, range, class, equivalence or collating form in brackets.
  void translateMember(std::string &members) {
    for (char kind : {':', '=', '.'}) {
      std::string closing = {kind, ']'};
      size_t end = rest.size() > 1 && rest[0] == '[' && rest[1] == kind ? rest.find(closing, 2)
                                                                        : std::string_view::npos;
      if (end == std::string_view::npos)
        continue;
      std::string_view name = rest.substr(2, end - 2);
      if (kind == ':')
        appendClass(members, name);
      else
        for (char c : name)
          appendLiteral(members, {&c, 1});
      rest.remove_prefix(end + 2);
      return;
    }
    if (rest[0] == '\\' && rest.size() > 1) {
      take();
      if (std::optional<unsigned> code = takeCharacterEscape(/*inBracket=*/true))
        return appendHex(members, *code);
    } else if (rest[0] == '-') {
      // A minus sign between two characters makes a range.
      take();
      bool isRange = !members.empty() && !at(']') && !rest.empty();
      members += isRange ? "-" : "\\-";
      return;
    }
    Utf8Character character = firstCharacter(rest);
    appendLiteral(members, rest.substr(0, character.size));
    rest.remove_prefix(character.size);
  }

  static void appendClass(std::string &members, std::string_view name) {
    for (const NamedClass &known : namedClasses)
      if (known.name == name) {
        members += known.members;
        return;
      }
    // RE2 refuses it by its name.
    members.append("[:").append(name).append(":]");
  }

  std::string_view rest;
  std::string out;
  std::vector<size_t> groups; ///< where in out the open ones begin
  size_t operandStart = 0;    ///< where in out what a repetition would repeat begins
  bool hasOperand = false;    ///< there is such a thing
  bool repeated = false;      ///< the last thing was a repetition
};

} // namespace

std::string translateEre(std::string_view ere) { return Translator(ere).run(); }

bool isLiteralEre(std::string_view ere, std::string &literal) {
  literal.clear();
  for (size_t i = 0; i != ere.size(); ++i) {
    char c = ere[i];
    if (c == '\\') {
      // Only of punctuation that means nothing special is it clear what is meant.
      if (++i == ere.size() ||
          std::string_view("\\.[]()*+?{}|^$/\"-").find(ere[i]) == std::string_view::npos)
        return false;
      c = ere[i];
    } else if (std::string_view(".[]()*+?{}|^$").find(c) != std::string_view::npos) {
      return false;
    }
    literal += c;
  }
  return !literal.empty();
}

std::optional<std::string> asciiOperand(std::string_view ere, bool &repeats) {
  std::optional<std::string> operand = Translator(ere).runOperand(repeats);
  if (!operand || operand->starts_with("[^"))
    return std::nullopt;
  std::string_view rest = *operand;
  while (!rest.empty()) {
    auto c = static_cast<unsigned char>(rest[0]);
    rest.remove_prefix(1);
    if (c >= 0x80)
      return std::nullopt;
    if (c != '\\' || rest.empty())
      continue;
    char escaped = rest[0];
    rest.remove_prefix(1);
    // Of two hexadecimal digits the first must be below 8.
    bool isWide = escaped == 'x' && (rest.find('}') != 2 && (rest.find('}') != 3 || rest[1] > '7'));
    if (isWide || (absl::ascii_isalnum(static_cast<unsigned char>(escaped)) &&
                   std::string_view("tnvfrswx").find(escaped) == std::string_view::npos))
      return std::nullopt;
  }
  return operand;
}

} // namespace fusevm::awk
