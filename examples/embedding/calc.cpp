//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// calc: a small language on top of fusevm. Compiles and runs the file it is given, or a
/// demonstration.

#include "Compiler.h"

#include "fusevm/Interp/VM.h"
#include "fusevm/Runtime/Coercions.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

using namespace fusevm;

namespace {

constexpr const char *demonstration = R"(# What calc can do
let side = 3
let other = side + 1
print "hypotenuse: ", sqrt(side * side + other * other)
print "largest: ", max(2, 7.5, -1)
print "distance: ", 3 ~ 10
print "root: ", sqrt(side - 4)
print "never printed"
)";

/// max(…): the largest argument; Undef without any.
Value largest(VM &vm, uint8_t argc, void *) {
  Value result;
  for (uint8_t i = 0; i != argc; ++i) {
    Value argument = vm.pop();
    if (result.isUndef() || toFloat(argument) > toFloat(result))
      result = std::move(argument);
  }
  return result;
}

/// sqrt(x): an error for what has no root.
Value squareRoot(VM &vm, uint8_t argc, void *) {
  if (argc != 1) {
    vm.fail("sqrt takes 1 argument, not " + std::to_string(argc));
    return Value();
  }
  double x = toFloat(vm.pop());
  if (x < 0)
    vm.fail("sqrt of a negative number");
  return Value::makeFloat(std::sqrt(x));
}

/// The extension op: replaces two numbers by their distance.
void extension(VM &vm, uint16_t, uint8_t, void *) {
  double b = toFloat(vm.pop());
  double a = toFloat(vm.pop());
  vm.push(Value::makeFloat(std::fabs(a - b)));
}

/// Compiles and runs \p source. Returns whether it ran to its end.
bool runProgram(const std::string &fileName, const std::string &source) {
  std::vector<Diagnostic> diagnostics;
  std::optional<Chunk> chunk = calc::compile(fileName, source, diagnostics);
  if (!chunk) {
    std::fputs(renderDiagnostics(fileName, source, diagnostics).c_str(), stderr);
    return false;
  }
  VM vm(std::move(*chunk));
  vm.registerBuiltin(0, largest);
  vm.registerBuiltin(1, squareRoot);
  vm.setExtensionHandler(extension);
  // So that programs with ~ stay in the fast loop.
  vm.declareExtension(calc::distanceExtension, {.pops = 2, .pushes = 1});
  // A program that runs wild is stopped.
  vm.setFuel(100'000'000);
  RunResult result = vm.run();
  if (!result.isError())
    return true;
  const RunError &error = result.error();
  std::fprintf(stderr, "%s:%u: error: %s\n", error.source.c_str(), error.line,
               error.message.c_str());
  return false;
}

} // namespace

int main(int argc, char **argv) {
  if (argc == 1) {
    // The demonstration ends in an error, and before that shows one of the compiler.
    runProgram("broken.calc", "let = 3\nprint 1 +\n");
    runProgram("demo.calc", demonstration);
    return 0;
  }
  std::ifstream file(argv[1]);
  if (!file) {
    std::fprintf(stderr, "calc: cannot open %s\n", argv[1]);
    return 1;
  }
  std::stringstream text;
  text << file.rdbuf();
  return runProgram(argv[1], text.str()) ? 0 : 1;
}
