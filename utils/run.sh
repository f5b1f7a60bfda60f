#!/usr/bin/env bash
# Builds fusevm-run if needed and runs it. Only the program writes to standard output.
# usage: utils/run.sh FILE [ARGUMENT...]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
program=$root/build/release/bin/fusevm-run

{
  "$root/utils/setup.sh"
  if [[ ! -x $program ]]; then
    echo "run: building fusevm-run; only the first time takes long"
  fi
  "$root/utils/build.sh" release --quiet fusevm-run | sed '/^ninja: no work to do\.$/d'
} < /dev/null >&2

exec "$program" "$@"
