#!/usr/bin/env python3
# Part of the fusevm project, under the MIT License.
# SPDX-License-Identifier: MIT
"""Plants each mistake of mutations.json into a copy of the sources and sees whether the
differential test, or else a regression test, finds it. Takes some minutes.

usage: fuzz/check-mutations.py [NAME...]    (all by default)
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TIMEOUT_SECONDS = 120
DIFFERENTIAL = "Differential.LoopsAgree*:FusionProperty.*"
REGRESSIONS = "*RegressionTest*"
MISSED = "NOT FOUND"


def build(directory):
    subprocess.run(["ninja", "-C", directory / "build", "fusevm-unittests"],
                   check=True, stdout=subprocess.DEVNULL)


def fails(directory, tests):
    command = [directory / "build/bin/fusevm-unittests", f"--gtest_filter={tests}"]
    try:
        result = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return True
    return result.returncode != 0


def check(mutation, directory):
    path = directory / mutation["file"]
    original = path.read_text()
    if original.count(mutation["old"]) != 1:
        return f"{MISSED}: the text to be replaced is not there"
    path.write_text(original.replace(mutation["old"], mutation["new"]))
    try:
        build(directory)
        if fails(directory, DIFFERENTIAL):
            return "found"
        return "found by a regression test only" if fails(directory, REGRESSIONS) else MISSED
    finally:
        path.write_text(original)


def main():
    mutations = json.loads((ROOT / "fuzz/mutations.json").read_text())
    if len(sys.argv) > 1:
        mutations = [mutation for mutation in mutations if mutation["name"] in sys.argv[1:]]
    missed = 0
    with tempfile.TemporaryDirectory() as temporary:
        directory = pathlib.Path(temporary) / "fusevm"
        shutil.copytree(ROOT, directory, ignore=shutil.ignore_patterns("build", ".git"))
        for test in (directory / "unittests").glob("*/*.cpp"):
            if test.name not in ("DifferentialTest.cpp", "FusionPropertyTest.cpp",
                                 "RegressionTest.cpp"):
                test.unlink()
        subprocess.run(["cmake", "-S", directory, "-B", directory / "build", "-G", "Ninja",
                        "-DFUSEVM_SANITIZE=address;undefined", "-DFUSEVM_WERROR=OFF"],
                       check=True, stdout=subprocess.DEVNULL)
        build(directory)
        if fails(directory, f"{DIFFERENTIAL}:{REGRESSIONS}"):
            sys.exit("the tests fail without any mistake planted")
        for mutation in mutations:
            outcome = check(mutation, directory)
            missed += outcome.startswith(MISSED)
            print(f"{mutation['name']}: {outcome}", flush=True)
    print(f"{len(mutations) - missed} of {len(mutations)} found")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
