#!/usr/bin/env bash
# Builds everything (preset release) and runs all tests. The last line is "N passed, N failed".
# usage: utils/test.sh [CTEST-ARGUMENT...]
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
utils/setup.sh
utils/build.sh release
status=0
ctest --preset release -j "$(nproc)" "$@" || status=$?

# Each of ctest's tests is a whole suite, so count what the suites say about themselves: GoogleTest,
# lit, and "N passed, N failed". A suite without such a line counts as one test.
awk '
  /^\[  PASSED  \] [0-9]+ test/              { passed += $4; counted = 1 }
  /^\[  FAILED  \] .* \([0-9]+ ms\)$/        { bad++; counted = 1 }
  /^ +Passed *: [0-9]+/                      { sub(/^[^:]*: */, ""); passed += $1; counted = 1 }
  /^ +(Failed|Unresolved|Timed Out|Unexpectedly Passed) *: [0-9]+/ {
    sub(/^[^:]*: */, ""); bad += $1; counted = 1
  }
  match($0, /[0-9]+ passed, [0-9]+ failed/) {
    split(substr($0, RSTART, RLENGTH), word, " "); passed += word[1]; bad += word[3]; counted = 1
  }
  /^Test Passed\.$/ && !counted { passed++ }
  /^Test Failed\.$/ && !bad     { bad = 1 }
  /^Test (Passed|Failed)\.$/    { failed += bad; bad = counted = 0 }
  END { printf "%d passed, %d failed\n", passed, failed }
' build/release/Testing/Temporary/LastTest.log
exit "$status"
