#!/usr/bin/env python3
"""Runs every example and its twin in Lua and prints how long the two take.

Each time is that of a whole process, start to exit. The two take turns, so that whatever else the
machine does meets both. Outputs are compared first: a program that prints something else than its
twin is reported and makes the exit status 1.
"""

import argparse
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TWINS = ROOT / "benchmarks" / "programs"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "programs", nargs="*", metavar="PROGRAM", help="such as nbody; all if none is named"
    )
    parser.add_argument(
        "--rounds", type=int, default=7, help="runs of each program (default: %(default)s)"
    )
    parser.add_argument(
        "--fusevm-run",
        default=str(ROOT / "build" / "release" / "bin" / "fusevm-run"),
        metavar="COMMAND",
        help="the tool, perhaps with flags (default: the one of the release build)",
    )
    parser.add_argument(
        "--lua", default="lua5.4", metavar="COMMAND", help="the peer (default: %(default)s)"
    )
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds needs at least 1")
    names = sorted(twin.stem for twin in TWINS.glob("*.lua"))
    unknown = sorted(set(arguments.programs) - set(names))
    if unknown:
        parser.error(f"no program is called {', '.join(unknown)}; there are {', '.join(names)}")
    arguments.programs = arguments.programs or names
    return arguments


def command_of(text):
    """The words of a command, or None when there is no such program."""
    words = shlex.split(text)
    return words if words and shutil.which(words[0]) else None


def sample_words():
    """200,000 words out of 5,000, the short ones more often; the same each time."""
    words, state = [], 1
    for _ in range(200_000):
        state = (state * 1103515245 + 12345) % 2**31
        number = (state >> 8) % ((state >> 16) % 5000 + 1)
        word = ""
        while number or not word:
            number, letter = divmod(number, 26)
            word += chr(ord("a") + letter)
        words.append(word)
    return "\n".join(words) + "\n"


def run(command, input_path, output=subprocess.DEVNULL):
    with open(input_path, "rb") as source:
        start = time.perf_counter()
        done = subprocess.run(command, stdin=source, stdout=output, check=True)
        return (time.perf_counter() - start) * 1000, done.stdout


def measure(commands, input_path, rounds):
    """The times in milliseconds of each command."""
    times = [[] for _ in commands]
    for _ in range(rounds):
        for command, samples in zip(commands, times):
            samples.append(run(command, input_path)[0])
    return times


def row(cells):
    return "| " + " | ".join([f"{cells[0]:<14}"] + [f"{cell:>13}" for cell in cells[1:]]) + " |"


def main():
    arguments = parse_arguments()
    tool = command_of(arguments.fusevm_run)
    if not tool:
        sys.exit(
            f"compare-lua: {arguments.fusevm_run}: not found; build it or name it with --fusevm-run"
        )
    lua = command_of(arguments.lua)
    if not lua:
        print(
            f"compare-lua: {arguments.lua}: not found, so there is nothing to compare with",
            file=sys.stderr,
        )
    peer = pathlib.Path(lua[0]).name if lua else ""

    header = ["program", "fusevm min", "median ms"]
    if lua:
        header += [f"{peer} min", "median ms", "ratio of min"]
    print(row(header))
    print(row(["---"] + ["---:"] * (len(header) - 1)))

    failures = []
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as words:
        words.write(sample_words())
        words.flush()
        for name in arguments.programs:
            commands = [tool + [str(ROOT / "examples" / f"{name}.fvm")]]
            if lua:
                commands.append(lua + [str(TWINS / f"{name}.lua")])
            try:
                outputs = [run(command, words.name, subprocess.PIPE)[1] for command in commands]
                times = measure(commands, words.name, arguments.rounds)
            except subprocess.CalledProcessError as error:
                failures.append(f"{name}: {error}")
                continue
            if any(output != outputs[0] for output in outputs):
                failures.append(f"{name}: the outputs differ")
            cells = [name]
            for samples in times:
                cells += [f"{min(samples):.1f}", f"{statistics.median(samples):.1f}"]
            if lua:
                cells.append(f"{min(times[0]) / min(times[1]):.2f}")
            print(row(cells), flush=True)

    for failure in failures:
        print(f"compare-lua: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
