//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_HOST_SHELL_JOBS_H
#define FUSEVM_LIB_HOST_SHELL_JOBS_H

#include <cstdint>
#include <map>
#include <optional>
#include <sys/types.h>
#include <vector>

namespace fusevm::shell {

/// Children that run in the background.
class JobTable {
public:
  /// Notes \p process. The status of an unattended one is not kept.
  void add(pid_t process, bool unattended = false);
  /// Reaps those that have ended.
  void reap();
  /// The process noted last, 0 if there is none.
  pid_t last() const { return lastProcess; }
  /// Whether \p process is known and its status has not been asked for.
  bool knows(pid_t process) const { return jobs.count(process) != 0; }
  /// Processes that may still be waited for.
  std::vector<pid_t> processes() const;
  /// The status of \p process, which is then forgotten; nothing while it runs.
  std::optional<int32_t> takeStatus(pid_t process);
  /// Forgets all; for a child, whose they are not.
  void clear();

private:
  struct Job {
    bool unattended = false;
    std::optional<int32_t> status;
  };
  std::map<pid_t, Job> jobs;
  pid_t lastProcess = 0;
};

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_JOBS_H
