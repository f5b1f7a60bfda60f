#!/usr/bin/env python3
# Part of the fusevm project, under the MIT License.
# SPDX-License-Identifier: MIT
"""Runs kernels as native code of fusevm, in C on the same layout of data and in LuaJIT, in process
and in steady state, and prints milliseconds of processor time and ratios.

usage: benchmarks/compare-kernels.py [--rounds N] [--seconds S] [--cflags FLAGS] [--tier TIER] [--quality QUALITY]
                                     [--program FUSEVM-KERNELS] [KERNEL...]

Each kernel is compiled, and run until that does not change any more, before it is timed. The three
take turns, round for round. Times are minima of all runs / medians of the rounds' medians. All must
have the same result. A peer that is not installed is left out.
"""

import argparse
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
KERNELS = {  # The argument, and what fusevm runs, if it is not of the same name.
    "slot-mixed": (5_000_000,),
    "slot-bitwise": (5_000_000,),
    "slot-float": (2_000_000,),
    "nested-loop": (1000,),
    "sum": (10_000_000, "counter-loop"),
    "mandelbrot": (200,),
    "nbody": (50_000,),
    "spectral-norm": (400,),
    "fib": (30,),
    "sieve": (300_000,),
    "array-push-sum": (1_000_000,),
    "quicksort": (100_000,),
    "matrix-multiply": (150,),
}


def program_of(kernel):
    name = (KERNELS[kernel][1:] or (kernel,))[0]
    own = HERE / "kernels" / f"{name}.fvm"
    return own if own.exists() else HERE / "programs" / f"{name}.fvm"


def compiled(kernel, folder, flags):
    """The executable of the kernel in C. clang makes a loop of one call of fib at -O3, and puts it
    into itself; native code is to be compared with calls."""
    if kernel == "fib":
        flags = [*flags, "-O2", "-fno-optimize-sibling-calls", "-fno-inline-functions"]
    else:
        flags = [*flags, "-O3"]
    executable = f"{folder}/{kernel}"
    source = HERE / "kernels" / f"{kernel}.c"
    subprocess.run(["clang-19", *flags, source, "-o", executable, "-lm"], check=True)
    return executable


def run(command):
    """The last line printed before the times, and these in milliseconds."""
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    *_, result, times = output.splitlines()
    return result, [float(time) * 1000 for time in times.split()]


def measure(kernel, commands, rounds):
    times = {peer: [] for peer in commands}
    results = {}
    for _ in range(rounds):
        for peer, command in commands.items():
            results[peer], spent = run(command)
            times[peer].append(spent)
    if len(set(results.values())) != 1:
        sys.exit(f"compare-kernels: error: {kernel}: the results differ: {results}")
    return {
        peer: (min(least for least, _ in each), statistics.median(middle for _, middle in each))
        for peer, each in times.items()
    }


def pair(values):
    return f"{values[0]:.2f} / {values[1]:.2f}" if values else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kernels", nargs="*", metavar="KERNEL", help=f"of {', '.join(KERNELS)}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3, help="of one peer in one round")
    parser.add_argument("--cflags", default="", help="more flags for clang-19")
    parser.add_argument("--tier", default="auto")
    parser.add_argument("--quality", default="full")
    parser.add_argument("--program", default=HERE.parent / "build/release/bin/fusevm-kernels")
    options = parser.parse_args()
    if unknown := set(options.kernels) - set(KERNELS):
        parser.error(f"no kernel is called {', '.join(sorted(unknown))}")
    print("| kernel | fusevm, ms | C, ms | luajit, ms | to C | to luajit |")
    print("|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for kernel in options.kernels or KERNELS:
            size, seconds = str(KERNELS[kernel][0]), str(options.seconds)
            commands = {
                "fusevm": [options.program, program_of(kernel), size, seconds, options.tier,
                           options.quality]
            }
            if shutil.which("clang-19"):
                executable = compiled(kernel, folder, shlex.split(options.cflags))
                commands["C"] = [executable, size, seconds]
            if shutil.which("luajit"):
                lua = HERE / "kernels"
                commands["luajit"] = [
                    "luajit", lua / "time.lua", lua / f"{kernel}.lua", size, seconds
                ]
            times = measure(kernel, commands, options.rounds)
            own = times["fusevm"]
            cells = [pair(times.get(peer)) for peer in ("fusevm", "C", "luajit")]
            for peer in ("C", "luajit"):
                other = times.get(peer)
                cells.append(pair(other and [mine / its for mine, its in zip(own, other)]))
            print(f"| {kernel} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
