#!/usr/bin/env bash
# Installs a build, moves the prefix, and uses it the two ways that users do.
# usage: install-test.sh BUILD-FOLDER EXAMPLES-FOLDER
set -euo pipefail

build=$1
examples=$2
work=$build/install-test
prefix=$work/moved

# What was kept of a run before would not be compiled.
export FUSEVM_JIT_CACHE_DIR=off

rm -rf "$prefix"
cmake --install "$build" --prefix "$work/stage" > "$work.log"
mv "$work/stage" "$prefix"

"$prefix/bin/fusevm-run" --version

# The compiler plugin is found where it was moved to, or else the program is interpreted.
"$prefix/bin/fusevm-run" --tier=block --jit-sync --jit-stats "$examples/squares.fvm" \
  > "$work/squares.output" 2> "$work/jit-stats.output"
[[ $(< "$work/squares.output") == "sum of squares: 285" ]]
if [[ -n $(find "$prefix" -name libfusevm-jit.so) ]]; then
  grep -E '^units compiled +[1-9]' "$work/jit-stats.output"
else
  grep -E '^refused: there is no compiler plugin' "$work/jit-stats.output"
fi

# pkg-config
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name fusevm.pc)")
export PKG_CONFIG_PATH
cat > "$work/version.cpp" << 'END'
#include "fusevm/Support/Version.h"
int main() { return fusevm::version().empty(); }
END
read -ra flags <<< "$(pkg-config --cflags --libs fusevm)"
c++ -std=c++20 "$work/version.cpp" "${flags[@]}" -o "$work/version"
"$work/version"

# find_package
[[ -d $examples/embedding ]] || exit 0
cmake -S "$examples/embedding" -B "$work/embedding" -G Ninja --log-level=WARNING \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix"
ninja -C "$work/embedding" --quiet
"$work/embedding/calc" > "$work/calc.output" 2>&1
diff "$examples/embedding/expected-output.txt" "$work/calc.output"
