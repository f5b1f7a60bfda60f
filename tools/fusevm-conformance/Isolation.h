//===- Isolation.h - Running cases in processes of their own ----*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Cases run in child processes, some hundred in each, so that one that crashes or hangs
/// fails alone.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_TOOLS_CONFORMANCE_ISOLATION_H
#define FUSEVM_TOOLS_CONFORMANCE_ISOLATION_H

#include "RunCase.h"

#include <cstddef>
#include <functional>

namespace fusevm {

/// Runs case number \p index.
using RunFunction = std::function<CaseOutcome(size_t index)>;
/// Takes the outcome of case number \p index; called in order.
using ReportFunction = std::function<void(size_t index, const CaseOutcome &outcome)>;

/// Calls \p run for the cases 0 to \p count - 1 in child processes with at most 2 GiB of
/// memory each, and \p report in this one. A case that ends its process or takes longer than
/// \p timeoutSeconds has failed, and the next one gets a new process.
void runIsolated(size_t count, unsigned timeoutSeconds, const RunFunction &run,
                 const ReportFunction &report);

} // namespace fusevm

#endif // FUSEVM_TOOLS_CONFORMANCE_ISOLATION_H
