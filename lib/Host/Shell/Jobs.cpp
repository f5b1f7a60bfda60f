//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Jobs.h"

#include "Spawn.h"

#include <sys/wait.h>

namespace fusevm::shell {

void JobTable::add(pid_t process, bool unattended) {
  jobs[process] = {unattended, std::nullopt};
  if (!unattended)
    lastProcess = process;
}

void JobTable::reap() {
  for (auto job = jobs.begin(); job != jobs.end();) {
    int status = 0;
    pid_t waited = job->second.status ? 0 : waitpid(job->first, &status, WNOHANG);
    if (waited != 0)
      // An error means that somebody else has reaped it.
      job->second.status = waited > 0 ? statusOf(status) : notFoundStatus;
    bool forgotten = job->second.unattended && job->second.status;
    job = forgotten ? jobs.erase(job) : std::next(job);
  }
}

std::vector<pid_t> JobTable::processes() const {
  std::vector<pid_t> result;
  for (const auto &[process, job] : jobs)
    if (!job.unattended)
      result.push_back(process);
  return result;
}

std::optional<int32_t> JobTable::takeStatus(pid_t process) {
  reap();
  auto job = jobs.find(process);
  if (job == jobs.end() || !job->second.status)
    return std::nullopt;
  int32_t status = *job->second.status;
  jobs.erase(job);
  return status;
}

void JobTable::clear() { jobs.clear(); }

} // namespace fusevm::shell
