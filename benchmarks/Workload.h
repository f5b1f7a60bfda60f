//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

/// \file
/// A chunk with the result it must have, and the ways to measure it.

#ifndef FUSEVM_BENCHMARKS_WORKLOAD_H
#define FUSEVM_BENCHMARKS_WORKLOAD_H

#include "fusevm/IR/Chunk.h"
#include "fusevm/IR/ChunkBuilder.h"

#include <benchmark/benchmark.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fusevm::benchmarks {

/// Where the values in Workload::slots are when the program starts.
enum class StartFrame : uint8_t {
  Root,
  Second, ///< a frame on top of the root frame
};

/// A program to measure.
struct Workload {
  std::string name;
  Chunk chunk;
  Value expected;
  /// What RunStatistics::ops must be after a run.
  uint64_t ops;
  std::vector<Value> slots = {};
  StartFrame startFrame = StartFrame::Root;
};

/// Returns the chunk that \p emit builds. Ends the process if the builder reports an error.
Chunk buildChunk(const std::function<void(ChunkBuilder &)> &emit);

/// Registers benchmarks of \p workload under its name:
///   run_chunk    copies the chunk, makes a VM, runs and destroys it
///   prepared     makes a VM for code that was prepared before, runs and destroys it
///   preparation  verifies and prepares the chunk
void addWorkload(Workload workload);

/// As addWorkload, and
///   run_ops      builds the chunk from its ops without pools, makes a VM, runs and destroys
///                it; the result must then be \p expectedWithoutPools
void addOpsWorkload(Workload workload, Value expectedWithoutPools);

/// Ends the benchmark in progress with an error that makes the exit status 1.
void fail(benchmark::State &state, const std::string &message);

/// Whether fail() was called.
bool anyFailed();

/// Shows the time of one of \p count, which every iteration works through.
void setPerItem(benchmark::State &state, std::string_view name, uint64_t count);

// Programs that are measured in more than one size.
Workload sumFused(std::string name, int32_t limit);
Workload sumUnfused(std::string name, int32_t limit);
Workload stringBuild(std::string name, int32_t limit);

// What the other files register.
void addClassicWorkloads();
void addStraightLineWorkloads();
void addLoopWorkloads();
void addMicroWorkloads();
void addPoolBenchmarks();
void addPreparationBenchmarks();
void addNativeBenchmarks();
void addCompileBenchmarks();
void addPollBenchmarks();

} // namespace fusevm::benchmarks

#endif // FUSEVM_BENCHMARKS_WORKLOAD_H
