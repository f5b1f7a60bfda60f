//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_LIB_HOST_SHELL_JOBS_H
#define FUSEVM_LIB_HOST_SHELL_JOBS_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace fusevm::shell {

struct Job {
  pid_t process = 0;
  unsigned number = 0; ///< under which `%` finds it; 0 if it is unattended
  std::string command;
  std::optional<int32_t> status; ///< once it has ended

  bool isUnattended() const { return number == 0; }
};

/// Children that run in the background, the oldest first.
class JobTable {
public:
  /// Notes that \p process runs \p command.
  void add(pid_t process, std::string command);
  /// Notes \p process, whose status nobody asks for.
  void addUnattended(pid_t process);
  /// Reaps those that have ended.
  void reap();
  /// The process noted last, 0 if there is none.
  pid_t last() const { return lastProcess; }
  /// Whether \p process is known and its status has not been asked for.
  bool knows(pid_t process) const { return find(process) != nullptr; }
  /// The process that \p text names: a number, or `%` with that of a job, `%%`, `%+`, `%-`.
  std::optional<pid_t> processNamed(std::string_view text) const;
  const std::vector<Job> &all() const { return jobs; }
  /// The status of \p process, which is then forgotten; nothing while it runs.
  std::optional<int32_t> takeStatus(pid_t process);
  /// Forgets all; for a child, whose they are not.
  void clear() { jobs.clear(); }

private:
  const Job *find(pid_t process) const;

  std::vector<Job> jobs;
  pid_t lastProcess = 0;
};

} // namespace fusevm::shell

#endif // FUSEVM_LIB_HOST_SHELL_JOBS_H
