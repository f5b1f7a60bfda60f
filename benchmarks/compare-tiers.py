#!/usr/bin/env python3
"""Runs the programs of benchmarks/programs and the examples interpreted and in the automatic tier.

    benchmarks/compare-tiers.py [--rounds N] [--build FOLDER] [NAME...]

Each round runs all in turn, LuaJIT too where there is a program for it; a figure is the minimum of
the processor times of whole processes, in milliseconds, so the compile thread's time is in it.
"""

import argparse
import pathlib
import random
import resource
import shutil
import subprocess
import tempfile

import suite


def processor_time(command, words):
    """The milliseconds that the command took, with all its threads."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(words, "rb") as text:
        subprocess.run(command, stdin=text, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def commands(program, tool):
    """The ways to run a program, by name."""
    file = str(program.file(".fvm"))
    arguments = program.arguments("full")
    result = {
        tier: [tool, f"--tier={tier}", file] + arguments for tier in ("interp", "auto")
    }
    lua = program.file(".lua")
    if lua and program.group not in ("examples", "text") and shutil.which("luajit"):
        result["luajit"] = ["luajit", str(lua)] + arguments
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--build", default=suite.ROOT / "build" / "release", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    tool = str(options.build / "bin" / "fusevm-run")
    programs = [p for p in suite.PROGRAMS if not options.names or p.name in options.names]
    generator = random.Random(1)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as words:
        words.writelines(f"w{int(generator.paretovariate(0.9)) % 30000}\n" for _ in range(200000))
        words.write("\n")
        words.flush()
        print("| program | interp | auto | luajit | auto to interp | auto to luajit |")
        print("|---|---:|---:|---:|---:|---:|")
        for program in programs:
            ways = commands(program, tool)
            best = {}
            for _ in range(options.rounds):
                for way, command in ways.items():
                    time = processor_time(command, words.name)
                    best[way] = min(time, best.get(way, time))
            peer = best.get("luajit")
            print(
                f"| {program.name} | {best['interp']:.1f} | {best['auto']:.1f} "
                f"| {f'{peer:.1f}' if peer else ''} | {best['auto'] / best['interp']:.2f} "
                f"| {f'{best['auto'] / peer:.2f}' if peer else ''} |".replace("  ", " "),
                flush=True,
            )


if __name__ == "__main__":
    main()
