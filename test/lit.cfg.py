# How lit runs the tests in this folder.

import os

import lit.formats

config.name = "fusevm"
config.test_format = lit.formats.ShTest(execute_external=False)
config.test_source_root = os.path.dirname(__file__)
config.suffixes = [".fvm", ".test", ".json"]
config.excludes = ["Inputs", "conformance"]

config.environment["PATH"] = os.pathsep.join(
    config.tool_dirs + [config.environment["PATH"]]
)
for name, value in os.environ.items():
    if name.endswith("SAN_OPTIONS"):
        config.environment[name] = value

# Each run compiles, but in the tests of code that is kept.
config.environment["FUSEVM_JIT_CACHE_DIR"] = "off"

# The same suite runs under every tier: %fusevm-run is the tool plus these flags.
run_flags = os.environ.get("FUSEVM_TEST_RUN_FLAGS", "").split()
config.substitutions.append(("%fusevm-run", " ".join(["fusevm-run"] + run_flags)))
config.substitutions.append(
    ("%run-cases", os.path.join(config.test_source_root, "..", "utils", "run-cases.py"))
)
config.environment["FUSEVM_TEST_RUN_FLAGS"] = " ".join(run_flags)

# Features for REQUIRES and UNSUPPORTED: "asserts", "jit", a sanitizer's name such as "address", and
# each run flag, such as "--loop=baseline", without its dashes ("loop=baseline").
if config.asserts:
    config.available_features.add("asserts")
if config.jit:
    config.available_features.add("jit")
config.available_features.update(filter(None, config.sanitizers))
config.available_features.update(flag.lstrip("-") for flag in run_flags)
