#!/usr/bin/env python3
# Part of the fusevm project, under the MIT License.
# SPDX-License-Identifier: MIT
"""Plants the mistakes of mutations.json into a copy of the sources, each to be made if the
environment asks for it, and sees whether the differential tests, or else a regression test, find
it. The copy and its build are in build/mutations.

usage: fuzz/check-mutations.py [NAME...]    (all by default)
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPY = ROOT / "build/mutations/source"
BUILD = ROOT / "build/mutations/build"
NOT_COPIED = {".git", "build", "corpus"}
TEST_FILES = {"DifferentialTest.cpp", "FusionPropertyTest.cpp", "RegressionTest.cpp"}
# Of the processor; who takes longer hangs.
MOST_SECONDS = 300
DIFFERENTIAL = "Differential.LoopsAgree*:FusionProperty.*"
REGRESSIONS = "*RegressionTest*"
MISSED = "NOT FOUND"
HEADER = """#pragma once
#include <cstdlib>
inline const int plantedMistake = [] {
  const char *text = std::getenv("FUSEVM_MISTAKE");
  return text ? std::atoi(text) : -1;
}();
inline bool planted(int number) { return number == plantedMistake; }
"""
# Optimised it takes the compiler many minutes.
NOT_OPTIMISED = """
set_source_files_properties(FastLoop.cpp TARGET_DIRECTORY fusevm PROPERTIES COMPILE_OPTIONS -O0)
"""


def plant(mutations):
    """Returns the changed texts by file. In place of an expression there is a choice."""
    edits = {}
    for number, mutation in enumerate(mutations):
        text = (ROOT / mutation["file"]).read_text()
        old = mutation["old"]
        where = mutation.get("where", old)
        if text.count(where) != 1 or where.count(old) != 1:
            sys.exit(f"{mutation['name']}: the text to be replaced is not there, or not only once")
        start = text.index(where) + where.index(old)
        choice = f"(planted({number}) ? ({mutation['new']}) : ({old}))"
        edits.setdefault(mutation["file"], []).append((start, start + len(old), choice))
    texts = {}
    for file, choices in edits.items():
        text = (ROOT / file).read_text()
        for start, end, choice in sorted(choices, reverse=True):
            text = text[:start] + choice + text[end:]
        texts[file] = text
    lists = "lib/Interp/CMakeLists.txt"
    texts[lists] = (ROOT / lists).read_text() + NOT_OPTIMISED
    return texts


def write(path, content):
    """Leaves a file that is as it should be alone, so that it is not compiled again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def copy_sources(planted_texts):
    write(COPY / "planted.h", HEADER.encode())
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_COPIED]
        for name in files:
            path = pathlib.Path(folder) / name
            relative = path.relative_to(ROOT)
            if relative.parts[0] == "unittests" and path.suffix == ".cpp" and name not in TEST_FILES:
                continue
            text = planted_texts.get(str(relative))
            write(COPY / relative, path.read_bytes() if text is None else text.encode())


def build():
    subprocess.run(["cmake", "-S", COPY, "-B", BUILD, "-G", "Ninja",
                    "-DCMAKE_CXX_COMPILER=clang++-19", "-DFUSEVM_SANITIZE=address",
                    "-DFUSEVM_WERROR=OFF", f"-DCMAKE_CXX_FLAGS=-w -include {COPY}/planted.h"],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", BUILD, "fusevm-unittests"],
                   check=True, stdout=subprocess.DEVNULL)


def fails(tests, number=None):
    environment = dict(os.environ)
    if number is not None:
        environment["FUSEVM_MISTAKE"] = str(number)
    # Without optimisation the frame of the fast loop is large, and there are nested runs.
    command = ["prlimit", "--stack=unlimited", f"--cpu={MOST_SECONDS}",
               BUILD / "bin/fusevm-unittests", "--gtest_fail_fast", f"--gtest_filter={tests}"]
    return subprocess.run(command, env=environment, capture_output=True,
                          check=False).returncode != 0


def check(number):
    if fails(DIFFERENTIAL, number):
        return "found"
    return "found by a regression test only" if fails(REGRESSIONS, number) else MISSED


def main():
    mutations = json.loads((ROOT / "fuzz/mutations.json").read_text())
    copy_sources(plant(mutations))
    build()
    if fails(f"{DIFFERENTIAL}:{REGRESSIONS}"):
        sys.exit("the tests fail without any mistake")
    numbers = [number for number, mutation in enumerate(mutations)
               if len(sys.argv) == 1 or mutation["name"] in sys.argv[1:]]
    missed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, outcome in zip(numbers, pool.map(check, numbers)):
            missed += outcome == MISSED
            print(f"{mutations[number]['name']}: {outcome}", flush=True)
    print(f"{len(numbers) - missed} of {len(numbers)} found")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
