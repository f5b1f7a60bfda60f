//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// fusevm-kernels PROGRAM N SECONDS TIER QUALITY: runs a program natively, with N in ARGV, in one
/// VM after another that share its code. Prints what kernel.h prints for C.

#include "fusevm/IR/LoadChunk.h"
#include "fusevm/Interp/Streams.h"
#include "fusevm/Interp/VM.h"
#include "fusevm/Native/Jit.h"
#include "fusevm/Support/File.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

using namespace fusevm;

static int fail(std::string_view message) {
  std::fprintf(stderr, "fusevm-kernels: %.*s\n", int(message.size()), message.data());
  return 1;
}

/// Processor time of this thread.
static double seconds() {
  timespec time;
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

namespace {

/// Runs one chunk again and again.
class Kernel {
public:
  Kernel(Chunk loaded, std::string argument, JitTier tier, FusevmQuality quality)
      : chunk(std::make_shared<const Chunk>(std::move(loaded))), argument(std::move(argument)),
        compiler(std::make_shared<JitCompiler>(NativeConfig{.keepsCode = false})) {
    config.tier = tier;
    config.isSynchronous = true;
    config.quality = quality;
  }

  /// Processor time of a run; the VM is made before.
  double run() {
    VM vm(chunk);
    output.text.clear();
    vm.setOutput(output);
    if (std::optional<uint16_t> global = vm.findGlobal("ARGV"))
      vm.setGlobal(*global, Value::makeArray(Array({Value::makeStr(argument)})));
    vm.enableJit(compiler, config);
    double begin = seconds();
    hasFailed |= vm.run().isError();
    return seconds() - begin;
  }

  StringOutput output;
  bool hasFailed = false;

private:
  std::shared_ptr<const Chunk> chunk;
  std::string argument;
  std::shared_ptr<JitCompiler> compiler;
  JitConfig config;
};

} // namespace

int main(int argc, char **argv) {
  if (argc != 6)
    return fail("usage: fusevm-kernels PROGRAM N SECONDS TIER QUALITY");
  absl::StatusOr<std::string> text = readFile(argv[1]);
  if (!text.ok())
    return fail(std::string(text.status().message()));
  absl::StatusOr<Chunk> chunk = loadChunk(argv[1], *text);
  if (!chunk.ok())
    return fail(std::string(chunk.status().message()));
  std::optional<JitTier> tier = tierNamed(argv[4]);
  std::optional<FusevmQuality> quality = qualityNamed(argv[5]);
  if (!tier || !quality)
    return fail("no such tier or quality");
  Kernel kernel(*std::move(chunk), argv[2], *tier, *quality);
  // Until nothing is compiled any more.
  for (int warmUp = 0; warmUp != 10; ++warmUp)
    kernel.run();
  std::vector<double> times;
  double left = std::atof(argv[3]);
  while (times.size() < 3 || left > 0) {
    times.push_back(kernel.run());
    left -= times.back();
  }
  if (kernel.hasFailed)
    return fail("the program failed");
  std::sort(times.begin(), times.end());
  std::printf("%s%.9f %.9f\n", kernel.output.text.c_str(), times.front(), times[times.size() / 2]);
}
