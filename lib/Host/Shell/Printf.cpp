//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// `printf`.

#include "Printf.h"

#include "Builtins.h"
#include "TextLocale.h"

#include "fusevm/Support/StrCat.h"

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fusevm::shell {

namespace {

/// Widths and precisions beyond this are cut.
constexpr int maxWidth = 1 << 20;

/// Flags, width and precision of a conversion.
struct Conversion {
  std::string flags;
  int width = 0;
  int precision = -1; ///< none

  /// The format of printf(3) for \p type, which takes width and precision as arguments.
  std::string format(std::string_view type) const { return strCat("%", flags, "*.*", type); }
};

/// Takes a character of up to three octal digits off \p text.
char takeOctal(std::string_view &text) {
  unsigned code = 0;
  for (int digits = 0; digits != 3 && !text.empty() && text[0] >= '0' && text[0] <= '7'; ++digits) {
    code = code * 8 + static_cast<unsigned>(text[0] - '0');
    text.remove_prefix(1);
  }
  return static_cast<char>(code);
}

class Printf {
public:
  Printf(Arguments arguments, size_t limit) : arguments(arguments), limit(limit) {}

  /// Prints by \p format again and again as long as that takes arguments.
  void run(std::string_view format) {
    TextLocaleScope scope;
    do {
      size_t before = next;
      runOnce(format);
      if (next == before)
        return;
    } while (next < arguments.size() && !isDone);
  }

  PrintfOutput result;

private:
  std::string &output = result.text;

  void runOnce(std::string_view format) {
    while (!format.empty() && !isDone) {
      char c = format[0];
      format.remove_prefix(1);
      if (c == '\\')
        addEscape(format, /*isArgument=*/false);
      else if (c != '%')
        output += c;
      else if (format.starts_with('%'))
        output += '%', format.remove_prefix(1);
      else
        convert(format);
      if (output.size() > limit) {
        complain("output", "too long");
        isDone = true;
      }
    }
  }

  /// Adds what the escape sequence at the front of \p text, behind its backslash, stands for.
  void addEscape(std::string_view &text, bool isArgument) {
    constexpr std::string_view letters = "\\abfnrtv";
    constexpr std::string_view values = "\\\a\b\f\n\r\t\v";
    char c = text.empty() ? '\\' : text[0];
    size_t known = letters.find(c);
    if (known != std::string_view::npos) {
      output += values[known];
    } else if (isArgument && c == 'c') {
      isDone = true;
    } else if (c >= '0' && c <= '7') {
      // An argument's digits come behind a zero.
      if (isArgument && c == '0')
        text.remove_prefix(1);
      output += takeOctal(text);
      return;
    } else {
      output += '\\';
      output += c;
    }
    text.remove_prefix(text.empty() ? 0 : 1);
  }

  std::string_view takeArgument() {
    if (next < arguments.size())
      return arguments[next++];
    next = arguments.size();
    return "";
  }

  void complain(std::string_view subject, std::string_view reason) {
    result.complaints.emplace_back(subject, reason);
  }

  int takeNumber(std::string_view &format) {
    if (format.starts_with('*')) {
      format.remove_prefix(1);
      return static_cast<int>(std::clamp<int64_t>(toInteger(takeArgument()), -maxWidth, maxWidth));
    }
    int number = 0;
    while (!format.empty() && format[0] >= '0' && format[0] <= '9') {
      number = std::min(number * 10 + (format[0] - '0'), maxWidth);
      format.remove_prefix(1);
    }
    return number;
  }

  /// Does the conversion at the front of \p format, behind its percent sign.
  void convert(std::string_view &format) {
    std::string_view start = format;
    Conversion conversion;
    size_t flags = std::min(format.find_first_not_of("-+ #0"), format.size());
    conversion.flags = format.substr(0, flags);
    format.remove_prefix(flags);
    conversion.width = takeNumber(format);
    if (format.starts_with('.')) {
      format.remove_prefix(1);
      conversion.precision = takeNumber(format);
    }
    char type = format.empty() ? '\0' : format[0];
    format.remove_prefix(format.empty() ? 0 : 1);
    if (type != '\0' && std::strchr("diouxX", type))
      addInteger(conversion, type);
    else if (type != '\0' && std::strchr("aAeEfFgG", type))
      addFloat(conversion, type);
    else if (type != '\0' && std::strchr("bcs", type))
      addText(conversion, type);
    else {
      complain(strCat("%", start.substr(0, start.size() - format.size())), "invalid conversion");
      isDone = true;
    }
  }

  void addText(const Conversion &conversion, char type) {
    std::string_view argument = takeArgument();
    std::string text(argument);
    // The first character of an empty text is the zero byte behind it.
    if (type == 'c')
      text.resize(1);
    if (type == 'b') {
      std::string outer = std::exchange(output, "");
      while (!argument.empty() && !isDone) {
        char c = argument[0];
        argument.remove_prefix(1);
        if (c == '\\')
          addEscape(argument, /*isArgument=*/true);
        else
          output += c;
      }
      text = std::exchange(output, std::move(outer));
    }
    // Not left to printf(3), which would stop at a zero byte.
    if (conversion.precision >= 0 && type != 'c')
      text.resize(std::min(text.size(), static_cast<size_t>(conversion.precision)));
    bool isLeft = conversion.width < 0 || conversion.flags.find('-') != std::string::npos;
    auto width = static_cast<size_t>(std::abs(conversion.width));
    std::string padding(width - std::min(width, text.size()), ' ');
    strAppend(output, isLeft ? "" : padding, text, isLeft ? padding : "");
  }

  template <typename Number>
  void add(const Conversion &conversion, std::string_view type, Number number) {
    std::string format = conversion.format(type);
    auto print = [&](char *buffer, size_t size) {
      return std::snprintf(buffer, size, format.c_str(), conversion.width, conversion.precision,
                           number);
    };
    std::string text(static_cast<size_t>(std::max(print(nullptr, 0), 0)) + 1, '\0');
    print(text.data(), text.size());
    text.pop_back();
    output += text;
  }

  void addInteger(const Conversion &conversion, char type) {
    std::string_view argument = takeArgument();
    std::string_view letter(&type, 1);
    if (type == 'd' || type == 'i')
      add(conversion, strCat("j", letter), static_cast<intmax_t>(toInteger(argument)));
    else
      add(conversion, strCat("j", letter), static_cast<uintmax_t>(toUnsigned(argument)));
  }

  void addFloat(const Conversion &conversion, char type) {
    add(conversion, std::string_view(&type, 1), toFloat(takeArgument()));
  }

  /// The code of the character that \p argument quotes; nothing if it quotes none.
  static std::optional<unsigned char> quoted(std::string_view argument) {
    bool isQuote = argument.starts_with('\'') || argument.starts_with('"');
    return isQuote
               ? std::optional(argument.size() > 1 ? static_cast<unsigned char>(argument[1]) : 0)
               : std::nullopt;
  }

  /// Complains if \p argument was no number up to its end, or one that does not fit.
  void check(std::string_view argument, const char *end) {
    if (errno == ERANGE)
      complain(argument, std::strerror(ERANGE));
    else if (argument.empty())
      return;
    else if (end == argument.data())
      complain(argument, "expected a number");
    else if (end != argument.data() + argument.size())
      complain(argument, "not completely converted");
  }

  /// The number that \p parse makes of \p argument, or the code of a quoted character.
  template <typename Number>
  Number convert(std::string_view argument, Number (*parse)(const char *, char **)) {
    if (std::optional<unsigned char> code = quoted(argument))
      return *code;
    errno = 0;
    char *end;
    Number value = parse(argument.data(), &end);
    check(argument, end);
    return value;
  }

  int64_t toInteger(std::string_view argument) {
    return convert<int64_t>(
        argument, [](const char *text, char **end) { return int64_t{std::strtoll(text, end, 0)}; });
  }

  uint64_t toUnsigned(std::string_view argument) {
    return convert<uint64_t>(argument, [](const char *text, char **end) {
      return uint64_t{std::strtoull(text, end, 0)};
    });
  }

  double toFloat(std::string_view argument) { return convert<double>(argument, std::strtod); }

  Arguments arguments;
  size_t limit;
  size_t next = 0;
  bool isDone = false;
};

} // namespace

PrintfOutput formatArguments(std::string_view format, Arguments arguments, size_t limit) {
  Printf printf(arguments, limit);
  printf.run(format);
  return std::move(printf.result);
}

int32_t printfCommand(Session &session, Arguments argv) {
  size_t first = argv.size() > 1 && argv[1] == "--" ? 2 : 1;
  if (argv.size() <= first)
    return reject(session, argv, "expected a format");
  size_t limit = session.vm ? session.vm->limits().maxStringBytes : SIZE_MAX;
  PrintfOutput output = formatArguments(argv[first], argv.subspan(first + 1), limit);
  for (const auto &[subject, reason] : output.complaints)
    session.say(strCat("printf: ", subject), reason);
  int32_t printed = print(session, output.text);
  return output.complaints.empty() ? printed : 1;
}

} // namespace fusevm::shell
