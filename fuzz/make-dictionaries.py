#!/usr/bin/env python3
# Part of the fusevm project, under the MIT License.
# SPDX-License-Identifier: MIT
"""Writes the dictionaries of the reader fuzzers from the op table.

usage: fuzz/make-dictionaries.py [DIRECTORY]    (this script's by default)
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
OP_TABLE = HERE.parent / "include/fusevm/IR/Ops.def"
TEXT_READER = HERE.parent / "lib/IR/TextReader.cpp"

TEXT_TOKENS = [
    "undef", "true", "false", "inf", "-inf", "nan", "-nan", "nan(0x7ff8000000000001)", "status(",
    "ref(", "native(", "#0", "#1", "#65535", "$c", "L:", " L", "[", "]", "{", "}", ": ", ", ", " = ",
    '"', "\\n", "\\x", "\\u{", "\\e", ";", "#!", "3*4", "0x", "1e3", "1.5", "-0.0",
    "9223372036854775807", "-9223372036854775808", "18446744073709551615",
]

JSON_TOKENS = [
    '{"', '"', '":', '":{"', '":[', "},{", "[]", "{}", "null", "true", "false", "1e3", "-0.0", "1.5",
    "18446744073709551615", "-9223372036854775808", "\\u00e9", "\\ud83d\\ude00", "\\n", '"NaN"',
    '"inf"', '"-inf"',
]

JSON_KEYS = [
    "ops", "constants", "names", "lines", "sub_entries", "block_ranges", "sub_chunks", "source", "Undef",
    "Bool", "Int", "Float", "Str", "Array", "Hash", "Status", "Ref", "NativeFn", "id", "group", "chunk",
    "stdin", "expect", "result", "stdout", "Ok", "Halted", "Error", "Panic", "Timeout",
]


def op_names():
    return re.findall(r"^FUSEVM_OP\d\((\w+), \d+,", OP_TABLE.read_text(), re.MULTILINE)


def directives():
    return re.findall(r'^ +\{"(\w+)", &TextReader::', TEXT_READER.read_text(), re.MULTILINE)


def write(path, tokens):
    lines = ["# Written by make-dictionaries.py.\n"]
    for token in tokens:
        escaped = token.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\x0a")
        lines.append(f'"{escaped}"\n')
    path.write_text("".join(lines))


def main():
    directory = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    ops = op_names()
    write(directory / "text-reader.dict",
          [f"\n  {op} " for op in ops] + [f"\n{word} " for word in directives()] + TEXT_TOKENS)
    write(directory / "json-reader.dict",
          [f'"{word}"' for word in ops] + [f'"{key}":' for key in JSON_KEYS] + JSON_TOKENS)


if __name__ == "__main__":
    main()
