#!/usr/bin/env bash
# Installs the Debian packages that building and testing fusevm needs, if any is missing.
# usage: utils/setup.sh [--ci]
#   --ci: also what only .ci/run needs
set -euo pipefail

packages=(
  g++ cmake ninja-build ccache
  libabsl-dev libre2-dev nlohmann-json3-dev libgtest-dev libgmock-dev libbenchmark-dev
  llvm-19-dev zlib1g-dev libzstd-dev # the compiler plugin
  llvm-19-tools python3 pkgconf # lit, FileCheck; pkgconf is for the test of the installed package
)
if [[ ${1:-} == --ci ]]; then
  packages+=(clang-19 libclang-rt-19-dev llvm-19)
fi

if ! command -v dpkg-query > /dev/null; then
  # Some other system: cmake names what it does not find.
  for program in cmake ninja c++; do
    command -v "$program" > /dev/null && continue
    echo "setup: '$program' not found; this is not a Debian system, so please install the" \
      "equivalents of: ${packages[*]}" >&2
    exit 1
  done
  exit 0
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2> /dev/null || true)
missing=()
for package in "${packages[@]}"; do
  grep -qxF "installed $package" <<< "$installed" || missing+=("$package")
done
((${#missing[@]})) || exit 0

install=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3)
if ((EUID != 0)); then
  if ! sudo -n true 2> /dev/null && ! { [[ -t 0 ]] && command -v sudo > /dev/null; }; then
    echo "setup: neither root nor able to use sudo; please install: ${missing[*]}" >&2
    exit 1
  fi
  install=(sudo "${install[@]}")
fi

echo "setup: installing ${missing[*]}" >&2
{
  # A repository that cannot be reached need not be the one that has them.
  "${install[@]}" update || true
  "${install[@]}" install -y --no-install-recommends "${missing[@]}"
} < /dev/null >&2 || {
  echo "setup: apt-get could not install: ${missing[*]}" >&2
  exit 1
}
