#!/usr/bin/env python3
# Part of the fusevm project, under the MIT License.
# SPDX-License-Identifier: MIT
"""Writes the tables of Unicode case conversion from Python's Unicode data.

usage: utils/make-case-tables.py > lib/Runtime/Awk/CaseTables.inc

Letters that came after Python's Unicode version are listed in NEWER.
"""

import sys

# (first upper, first lower, letters, distance between letters)
NEWER = [
    (0x1C89, 0x1C8A, 1, 1),
    (0xA7CB, 0x0264, 1, 1),
    (0xA7CC, 0xA7CD, 1, 1),
    (0xA7CE, 0xA7CF, 1, 1),
    (0xA7D2, 0xA7D3, 1, 1),
    (0xA7D4, 0xA7D5, 1, 1),
    (0xA7DA, 0xA7DB, 1, 1),
    (0xA7DC, 0x019B, 1, 1),
    (0x10D50, 0x10D70, 22, 1),
    (0x16EA0, 0x16EBB, 25, 1),
]

LETTERS = [c for c in range(0x80, 0x110000) if not 0xD800 <= c <= 0xDFFF]


def is_ignorable(letter):
    return not is_plainly_cased(letter) and ("AΣ" + letter + "A").lower()[1] == "σ"


def is_plainly_cased(letter):
    """Whether it is cased and not ignorable too: such letters are skipped."""
    return ("AΣ" + letter).lower()[1] == "σ"


def mapping(convert):
    single, several = {}, {}
    for code in LETTERS:
        if code == 0x3A3 and convert is str.lower:
            single[code] = 0x3C3  # at the end of a word it is another one
            continue
        text = convert(chr(code))
        if len(text) > 1:
            several[code] = text
        elif ord(text) != code:
            single[code] = ord(text)
    return single, several


def print_mapping(name, single, several):
    # Runs of letters at the same distance from their counterparts.
    runs = []
    for code, other in sorted(single.items()):
        delta = other - code
        if runs and runs[-1][3] == delta:
            first, last, step, _ = runs[-1]
            if code - last == step or (first == last and code - last <= 2):
                runs[-1] = (first, code, code - last, delta)
                continue
        runs.append((code, code, 1, delta))
    rows = [f"{{{a:#x}, {b:#x}, {s}, {d}}}" for a, b, s, d in runs]
    print_table(f"constexpr CaseRun {name}Runs[]", rows)
    rows = []
    for code, text in sorted(several.items()):
        rows.append(f"{{{code:#x}, \"" + "".join(f"\\u{ord(c):04x}" if ord(c) > 127 else c for c in text) + "\"}")
    print_table(f"constexpr CaseExpansion {name}Expansions[]", rows)


def print_ranges(name, codes):
    ranges = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    print_table(f"constexpr CodeRange {name}[]", [f"{{{a:#x}, {b:#x}}}" for a, b in ranges])


def print_table(declaration, rows):
    print(f"{declaration} = {{")
    line = "   "
    for row in rows:
        if len(line) + len(row) + 2 > 100:
            print(line)
            line = "   "
        line += f" {row},"
    print(line + "\n};\n")


def main():
    lower, lower_several = mapping(str.lower)
    upper, upper_several = mapping(str.upper)
    newer = set()
    for first_upper, first_lower, count, step in NEWER:
        for i in range(0, count * step, step):
            lower[first_upper + i] = first_lower + i
            upper[first_lower + i] = first_upper + i
            newer |= {first_upper + i, first_lower + i}
    print("// Written by utils/make-case-tables.py.\n// clang-format off\n")
    print_mapping("lower", lower, lower_several)
    print_mapping("upper", upper, upper_several)
    ascii = [c for c in range(0x80)]
    print_ranges("casedLetters", [c for c in ascii + LETTERS if c in newer or is_plainly_cased(chr(c))])
    print_ranges("caseIgnorable", [c for c in ascii + LETTERS if is_ignorable(chr(c))])
    print("// clang-format on")


main()
