#!/usr/bin/env bash
# Configures a preset if needed and builds it.
# usage: utils/build.sh PRESET [NINJA-ARGUMENT...]
set -euo pipefail

preset=$1
shift
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$(pwd -P)
build=$root/build/$preset

# Two builds at a time in one folder would disturb each other.
mkdir -p "$build"
exec 9> "$build/.lock"
flock 9

# A tree that was copied or moved with its build folder is configured anew.
if [[ ! -f $build/build.ninja ]] ||
  ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$build/CMakeCache.txt"; then
  cmake --fresh --preset "$preset"
fi
ninja -C "$build" "$@"
