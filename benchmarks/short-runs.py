#!/usr/bin/env python3
"""Runs programs that are over in a few milliseconds with and without native code.

Times are those of whole processes, start to exit, in turn. Each program begins with an empty folder
for code that is kept; --without-kept-code has every run begin so.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from suite import ROOT

PROGRAMS = [
    ("mandelbrot", 120),
    ("counter-loop", 1_300_000),
    ("spectral-norm", 80),
    ("counter-loop", 1_600_000),
    ("nbody", 8000),
    ("quicksort", 20_000),
    ("spectral-norm", 100),
    ("nbody", 12_000),
    ("sieve", 400_000),
    ("quicksort", 40_000),
    ("nbody", 18_000),
]


def milliseconds(command):
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - begin) * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30, help="default: %(default)s")
    parser.add_argument("--without-kept-code", action="store_true")
    parser.add_argument("--fusevm", default=str(ROOT / "build" / "release" / "bin" / "fusevm-run"))
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds needs at least 1")
    print("| program | interp, ms | auto, ms | auto to interp |")
    print("|---|---:|---:|---:|")
    for name, size in PROGRAMS:
        program = [str(ROOT / "benchmarks" / "programs" / f"{name}.fvm"), str(size)]
        samples = {"interp": [], "auto": []}
        with tempfile.TemporaryDirectory() as folder:
            kept = "off" if arguments.without_kept_code else folder
            os.environ["FUSEVM_JIT_CACHE_DIR"] = kept
            for _ in range(arguments.rounds):
                for tier, times in samples.items():
                    times.append(milliseconds([arguments.fusevm, f"--tier={tier}", *program]))
        cells = [f"{min(times):.2f} / {statistics.median(times):.2f}" for times in samples.values()]
        shares = [
            f"{average(samples['auto']) / average(samples['interp']):.2f}"
            for average in (min, statistics.median)
        ]
        print(f"| {name} {size} | {cells[0]} | {cells[1]} | {' / '.join(shares)} |", flush=True)


if __name__ == "__main__":
    main()
