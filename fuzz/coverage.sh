#!/usr/bin/env bash
# Runs the fuzz targets on their corpora and prints how much of the library they reach, as a
# Markdown table: for each library the lines, functions and regions in per cent, its headers
# included. Code that no target links counts as not reached.
# usage: fuzz/coverage.sh [--also FOLDER] [TARGET...]    (all targets by default)
#   --also FOLDER   run the inputs in FOLDER/TARGET too
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

also=
if [[ ${1:-} == --also ]]; then
  also=${2:?--also needs a folder}
  shift 2
fi
targets=("$@")
if [[ $# == 0 ]]; then
  for source in fuzz/*.cpp; do
    targets+=("$(basename "$source" .cpp)")
  done
fi

build=build/coverage
llvm=$(llvm-config-19 --bindir)
utils/build.sh coverage "${targets[@]}" >&2

# runTarget TARGET: its profile goes to $build/TARGET.profdata.
runTarget() {
  local inputs=("fuzz/corpus/$1")
  [[ -z $also || ! -d $also/$1 ]] || inputs+=("$also/$1")
  # A profile of an earlier run would be counted in.
  rm -f "$build/$1.profraw"
  LLVM_PROFILE_FILE=$build/$1.profraw "$build/bin/$1" -seed=1 -runs=0 "${inputs[@]}" \
    &> "$build/$1.log" || {
    tail -n 20 "$build/$1.log" >&2
    exit 1
  }
  "$llvm/llvm-profdata" merge -o "$build/$1.profdata" "$build/$1.profraw"
}

# report PROFILE SOURCE...: what llvm-cov knows of the sources.
report() {
  local profile=$1
  shift
  # Every target has the whole library, so one of them describes it for all. llvm-cov warns of
  # LLVMFuzzerTestOneInput, which is another function in each.
  "$llvm/llvm-cov" report "$build/bin/${targets[0]}" -instr-profile="$build/$profile.profdata" \
    -show-branch-summary=false "$@" 2> >(grep -v '^warning: 1 functions have mismatched' >&2)
}

# shares PROFILE SOURCE...: lines, functions and regions reached.
shares() {
  report "$@" | awk '/^TOTAL/ {
    gsub("%", "")
    printf "%.0f / %.0f / %.0f", $10, $7, $4
  }'
}

for target in "${targets[@]}"; do
  runTarget "$target"
done
profiles=("${targets[@]/#/$build/}")
"$llvm/llvm-profdata" merge -o "$build/together.profdata" "${profiles[@]/%/.profdata}"

columns=("${targets[@]}")
[[ ${#targets[@]} == 1 ]] || columns+=(together)
printf '| lines / functions / regions %%'
printf ' | `%s`' "${columns[@]}"
printf ' |\n|---'
printf '|---%.0s' "${columns[@]}"
printf '|\n'
row() {
  printf '| %s' "$1"
  shift
  for column in "${columns[@]}"; do
    cell=$(shares "$column" "$@")
    printf ' | %s' "$cell"
  done
  printf ' |\n'
}
for folder in lib/*/; do
  name=$(basename "$folder")
  row "$name" "lib/$name" "include/fusevm/$name"
done
row all lib include

printf '\nNever reached:\n'
report "${columns[-1]}" lib include |
  awk '$5 ~ /^[0-9]+$/ && $1 ~ /\.(cpp|h|def)$/ && $5 > 0 && $5 == $6 { print "- " $1 }' |
  sort
