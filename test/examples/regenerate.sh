#!/usr/bin/env bash
# Writes the expected outputs of the examples anew, with their twins in Lua: what is expected
# comes from another implementation. Look at the difference before you keep it.
# usage: test/examples/regenerate.sh
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/Inputs"
programs=../../../benchmarks/examples

for name in ackermann brainfuck fibonacci json-build nbody quicksort sieve spectral-norm; do
  lua5.4 "$programs/$name.lua" > "$name.expected"
done
lua5.4 "$programs/word-count.lua" < words.txt > word-count.expected
# The picture is large, so only its checksum is kept.
lua5.4 "$programs/mandelbrot.lua" | sha256sum > mandelbrot.sha256
