//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Jobs.h"

#include "Spawn.h"

#include "fusevm/Runtime/Coercions.h"

#include <algorithm>
#include <sys/wait.h>

namespace fusevm::shell {

/// Jobs beyond these are forgotten when they have ended.
static constexpr size_t maxKept = 4096;

void JobTable::add(pid_t process, std::string command) {
  // Numbers of processes are used again.
  std::erase_if(jobs, [process](const Job &job) { return job.process == process; });
  unsigned highest = 0;
  for (const Job &job : jobs)
    highest = std::max(highest, job.number);
  jobs.push_back({process, highest + 1, std::move(command), std::nullopt});
  lastProcess = process;
}

void JobTable::addUnattended(pid_t process) { jobs.push_back({process, 0, "", std::nullopt}); }

void JobTable::reap() {
  for (Job &job : jobs) {
    int status = 0;
    pid_t waited = job.status ? 0 : waitpid(job.process, &status, WNOHANG);
    if (waited != 0)
      // An error means that somebody else has reaped it.
      job.status = waited > 0 ? statusOf(status) : notFoundStatus;
  }
  std::erase_if(jobs, [](const Job &job) { return job.isUnattended() && job.status; });
  // Nobody may ever ask for the others.
  size_t surplus = jobs.size() - std::min(jobs.size(), maxKept);
  std::erase_if(jobs, [&surplus](const Job &job) {
    bool isForgotten = job.status && surplus != 0;
    surplus -= isForgotten;
    return isForgotten;
  });
}

const Job *JobTable::find(pid_t process) const {
  auto found = std::find_if(jobs.begin(), jobs.end(), [process](const Job &job) {
    return job.process == process && !job.isUnattended();
  });
  return found == jobs.end() ? nullptr : &*found;
}

std::optional<pid_t> JobTable::processNamed(std::string_view text) const {
  bool isJob = text.starts_with('%');
  if (!isJob) {
    std::optional<int64_t> process = parseInt(text);
    bool fits = process && *process == static_cast<pid_t>(*process);
    return fits ? std::optional(static_cast<pid_t>(*process)) : std::nullopt;
  }
  text.remove_prefix(1);
  std::vector<const Job *> attended;
  for (const Job &job : jobs)
    if (!job.isUnattended())
      attended.push_back(&job);
  size_t count = attended.size();
  if ((text.empty() || text == "%" || text == "+") && count != 0)
    return attended[count - 1]->process;
  if (text == "-" && count != 0)
    return attended[count - std::min<size_t>(count, 2)]->process;
  std::optional<int64_t> number = parseInt(text);
  for (const Job *job : attended)
    if (number && *number == job->number)
      return job->process;
  return std::nullopt;
}

std::optional<int32_t> JobTable::takeStatus(pid_t process) {
  reap();
  const Job *job = find(process);
  if (!job || !job->status)
    return std::nullopt;
  int32_t status = *job->status;
  jobs.erase(jobs.begin() + (job - jobs.data()));
  return status;
}

} // namespace fusevm::shell
