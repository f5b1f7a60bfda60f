//===- AwkProgram.h - Running chunks as AWK programs ------------*- C++ -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The AWK main loop around a chunk: its main program, then its subs BEGIN, RECORD for each
/// record of the main input, and END.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_HOST_AWKPROGRAM_H
#define FUSEVM_HOST_AWKPROGRAM_H

#include "fusevm/Host/RecordAwkHost.h"
#include "fusevm/Interp/VM.h"

#include <memory>

namespace fusevm {

/// How an AWK program ended.
struct AwkOutcome {
  /// The result of the part that ran last, or the error.
  RunResult result = RunResult::makeHalted();
  int exitStatus = 0; ///< what exit said; 2 after an error, 124 after a limit or interrupt
};

/// Runs the chunk of \p vm as an AWK program with \p host, which it attaches, together with
/// the host's output and a hook for AwkGetFieldNum, and closes.
///
/// The main program runs first, then the sub BEGIN. RECORD runs for each record; records are
/// read if there is a RECORD or an END. The parts end at their end, with a return, or with an
/// AwkSignal: Next and NextFile end RECORD, Exit goes on with END, or ends END. Globals are
/// common to all parts; the stack is empty and there are no slots when one begins.
AwkOutcome runAwkProgram(VM &vm, const std::shared_ptr<RecordAwkHost> &host);

} // namespace fusevm

#endif // FUSEVM_HOST_AWKPROGRAM_H
