"""The programs that benchmarks/compare runs, with their sizes.

A program is written once for each language, the same algorithm statement for statement, in files
of one name. The .fvm is what a simple frontend would emit: plain ops, the test at the top of a loop
and a jump back, no fused ops. Lua's counted loops are written as such, but for counter-loop.

The sums are made so that nobody can add them up without running the loop (`sum = i - sum + 3`).
There is no exclusive or among them, because LuaJIT has no operator for it and would pay for a call,
and a remainder, which is slow in LuaJIT's interpreter, only where it is what the program is about.
Inputs come from the command line, so that no compiler knows them.
"""

import dataclasses
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass
class Program:
    name: str
    group: str
    full: tuple = ()  # arguments
    small: tuple = ()
    same_as: str = ""  # whose files stand for those that this one does not have
    repeats: int = 1  # runs a round
    reads_words: bool = False
    peers: tuple = ()  # if it is not for all
    long: tuple = ()  # arguments with which starting and compiling take a small share

    def runs_on(self, peer):
        return peer == "fusevm" or not self.peers or peer in self.peers

    def arguments(self, scale):
        return [str(argument) for argument in getattr(self, scale)]

    def file(self, suffix):
        """The program in the language with this suffix, or None."""
        if self.group == "examples":
            stem = self.name.removeprefix("examples/")
            folder = ROOT / ("examples" if suffix == ".fvm" else "benchmarks/examples")
            candidates = [folder / (stem + suffix)]
        else:
            stems = [self.name, self.same_as] if self.same_as else [self.name]
            candidates = [ROOT / "benchmarks" / "programs" / (stem + suffix) for stem in stems]
        return next((path for path in candidates if path.exists()), None)


def examples():
    """The examples. They take no arguments, and their twins need the integers of Lua 5.4."""
    stems = sorted(path.stem for path in (ROOT / "benchmarks" / "examples").glob("*.lua"))
    return [
        Program(
            f"examples/{stem}",
            "examples",
            reads_words=stem == "word-count",
            peers=("lua5.4",),
        )
        for stem in stems
    ]


PROGRAMS = [
    Program("start-up", "start-up", repeats=20),
    Program("fib", "core", (32,), (15,), long=(38,)),
    Program("counter-loop", "core", (30_000_000,), (1001,), long=(200_000_000,)),
    Program("nested-loop", "core", (3000,), (30,), long=(15_000,)),
    Program("ackermann", "core", (3, 8), (2, 9), long=(3, 10)),
    Program("array-push-sum", "core", (1_000_000,), (1001,), long=(20_000_000,)),
    Program("sieve", "core", (1_000_000,), (1000,), long=(20_000_000,)),
    Program("mandelbrot", "core", (400,), (10,), long=(2000,)),
    Program("nbody", "core", (500_000,), (50,), long=(5_000_000,)),
    Program("spectral-norm", "core", (300,), (10,), long=(2000,)),
    Program("counter-for", "more", (30_000_000,), (1001,), same_as="counter-loop"),
    Program("global-loop", "more", (5_000_000,), (1001,), long=(50_000_000,)),
    Program("fields", "more", (5_000_000,), (1001,), long=(20_000_000,)),
    Program("method-calls", "more", (5_000_000,), (1001,), long=(50_000_000,)),
    Program("string-calls", "more", (1_000_000,), (1001,), long=(5_000_000,)),
    Program("quicksort", "more", (300_000,), (500,), long=(4_000_000,)),
    Program("matrix-multiply", "more", (200,), (8,), long=(600,)),
    Program("string-build", "text", (40_000,), (500,)),
    Program("string-build-global", "text", (20_000,), (500,)),
    Program("word-count", "text", reads_words=True),
    *examples(),
]


def sample_words(count):
    """Words out of 5,000, the short ones more often, one a line; the same each time."""
    words, state = [], 1
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        number = (state >> 8) % ((state >> 16) % 5000 + 1)
        word = ""
        while number or not word:
            number, letter = divmod(number, 26)
            word += chr(ord("a") + letter)
        words.append(word)
    return "\n".join(words) + "\n\n"
