#!/usr/bin/env python3
# Part of the fusevm project, under the MIT License.
# SPDX-License-Identifier: MIT
"""Plants the mistakes of mutations.json and native-mutations.json into a copy of the sources, each to be made if the
environment asks for it, and sees whether differential testing, or else a regression test, finds
it. The copy and its build are in build/mutations.

usage: fuzz/check-mutations.py [--jobs=N] [NAME...]    (all by default; a NAME may be a beginning,
                                                       or "native" for all of native code)
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
TEST_FILES = {"FusionPropertyTest.cpp", "RegressionTest.cpp", "NativeCallsTest.cpp"}
# Of the processor; who takes longer hangs.
MOST_SECONDS = 600
# Programs, tier and the first seed of each run of the fuzzer; few programs find most mistakes.
INTERPRETED = [(500, None, 0), (10_000, None, 500), (50_000, None, 10_500)]
NATIVE = [(300, "block", 0), (3000, "block", 300), (1500, "auto", 0), (12_000, "block", 3300)]
REGRESSIONS = "FusionProperty.*:*RegressionTest*:NativeCalls*"
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


def is_native(mutation):
    return mutation["file"].startswith(("lib/JIT/", "lib/Native/"))


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
            if (relative.parts[0] == "unittests" and relative.parts[1] != "JIT"
                    and path.suffix == ".cpp" and name not in TEST_FILES):
                continue
            text = planted_texts.get(str(relative))
            write(COPY / relative, path.read_bytes() if text is None else text.encode())


def build():
    subprocess.run(["cmake", "-S", COPY, "-B", BUILD, "-G", "Ninja",
                    "-DCMAKE_CXX_COMPILER=clang++-19", "-DFUSEVM_SANITIZE=address",
                    "-DFUSEVM_WERROR=OFF", f"-DCMAKE_CXX_FLAGS=-w -include {COPY}/planted.h"],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", BUILD, "fusevm-unittests", "differential"],
                   check=True, stdout=subprocess.DEVNULL)


def fails(number, tier, program, *arguments):
    # Nobody reads the reports, and finding the names for them takes long.
    environment = dict(os.environ, ASAN_OPTIONS="symbolize=0:" + os.environ.get("ASAN_OPTIONS", ""))
    if number is not None:
        environment["FUSEVM_MISTAKE"] = str(number)
    if tier:
        environment["FUSEVM_FUZZ_TIER"] = tier
    # Without optimisation the frame of the fast loop is large, and there are nested runs.
    command = ["prlimit", "--stack=unlimited", f"--cpu={MOST_SECONDS}", BUILD / "bin" / program,
               *arguments]
    return subprocess.run(command, env=environment, capture_output=True,
                          check=False).returncode != 0


def fuzz(number, stage):
    programs, tier, first = stage
    return fails(number, tier, "differential", "--first", str(programs), str(first))


def test(number):
    return fails(number, None, "fusevm-unittests", "--gtest_fail_fast",
                 f"--gtest_filter={REGRESSIONS}")


def check(number, mutation):
    for stage in NATIVE if is_native(mutation) else INTERPRETED:
        if fuzz(number, stage):
            return f"found among {stage[0]} programs" + (f" ({stage[1]})" if stage[1] else "")
    return "found by a regression test only" if test(number) else MISSED


def main():
    arguments = sys.argv[1:]
    jobs = os.cpu_count()
    if arguments and arguments[0].startswith("--jobs="):
        jobs = int(arguments.pop(0).split("=")[1])
    mutations = [mutation for file in ("mutations.json", "native-mutations.json")
                 for mutation in json.loads((ROOT / "fuzz" / file).read_text())]
    copy_sources(plant(mutations))
    build()
    if any(fuzz(None, stage) for stage in (INTERPRETED[0], NATIVE[0])) or test(None):
        sys.exit("the tests fail without any mistake")
    numbers = [number for number, mutation in enumerate(mutations)
               if not arguments or mutation["name"].startswith(tuple(arguments))
               or ("native" in arguments and is_native(mutation))]
    missed = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        checks = {pool.submit(check, number, mutations[number]): number for number in numbers}
        for done in concurrent.futures.as_completed(checks):
            missed += done.result() == MISSED
            print(f"{mutations[checks[done]]['name']}: {done.result()}", flush=True)
    print(f"{len(numbers) - missed} of {len(numbers)} found")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
