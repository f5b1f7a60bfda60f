//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Redirections.h"

#include "fusevm/Interp/ShellConstants.h"
#include "fusevm/Runtime/Coercions.h"
#include "fusevm/Support/StrCat.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace fusevm::shell {

static absl::Status failure(std::string_view subject, std::string_view reason) {
  return absl::FailedPreconditionError(strCat(subject, ": ", reason));
}
static absl::Status systemFailure(std::string_view subject) {
  return failure(subject, std::strerror(errno));
}

//===----------------------------------------------------------------------===//
// Making a plan
//===----------------------------------------------------------------------===//

class RedirectionPlan::Maker {
public:
  explicit Maker(bool noClobber) : noClobber(noClobber) {}

  absl::Status add(const Redirection &redirection) {
    if (redirection.isDocument)
      return set(redirection.descriptor, makeMemoryFile(redirection.target), "here-document");
    const std::string &target = redirection.target;
    int descriptor = redirection.descriptor;
    switch (static_cast<RedirectMode>(redirection.mode)) {
    case RedirectMode::Write:
      return noClobber ? openCarefully(descriptor, target)
                       : openFile(descriptor, target, O_WRONLY | O_CREAT | O_TRUNC);
    case RedirectMode::Append:
      return openFile(descriptor, target, O_WRONLY | O_CREAT | O_APPEND);
    case RedirectMode::Read:
      return openFile(descriptor, target, O_RDONLY);
    case RedirectMode::ReadWrite:
      return openFile(descriptor, target, O_RDWR | O_CREAT);
    case RedirectMode::Clobber:
      return openFile(descriptor, target, O_WRONLY | O_CREAT | O_TRUNC);
    case RedirectMode::DupRead:
      return duplicate(descriptor, target, /*writing=*/false);
    case RedirectMode::DupWrite:
      return duplicate(descriptor, target, /*writing=*/true);
    case RedirectMode::WriteBoth:
      return both(add({STDOUT_FILENO, static_cast<uint8_t>(RedirectMode::Write), false, target}));
    case RedirectMode::AppendBoth:
      return both(add({STDOUT_FILENO, static_cast<uint8_t>(RedirectMode::Append), false, target}));
    }
    return failure(target, "unknown redirection");
  }

  RedirectionPlan plan;

private:
  absl::Status set(int descriptor, Descriptor source, std::string_view subject) {
    if (!source.isOpen())
      return systemFailure(subject);
    plan.targets[descriptor] = std::make_shared<Descriptor>(std::move(source));
    return absl::OkStatus();
  }

  absl::Status openFile(int descriptor, const std::string &path, int flags) {
    if (path.find('\0') != std::string::npos)
      return failure(path.c_str(), "invalid file name");
    return set(descriptor, openPrivately(path, flags), path);
  }

  /// Opens for writing what is not a regular file, or does not exist yet.
  absl::Status openCarefully(int descriptor, const std::string &path) {
    Descriptor created = openPrivately(path, O_WRONLY | O_CREAT | O_EXCL);
    if (created.isOpen() || errno != EEXIST)
      return set(descriptor, std::move(created), path);
    struct stat status;
    if (stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode))
      return failure(path, "cannot overwrite existing file");
    Descriptor opened = openPrivately(path, O_WRONLY);
    // It may have been replaced meanwhile.
    if (opened.isOpen() && fstat(opened.get(), &status) == 0 && S_ISREG(status.st_mode))
      return failure(path, "cannot overwrite existing file");
    return set(descriptor, std::move(opened), path);
  }

  absl::Status both(absl::Status first) {
    if (first.ok())
      plan.targets[STDERR_FILENO] = plan.targets[STDOUT_FILENO];
    return first;
  }

  absl::Status duplicate(int descriptor, std::string_view target, bool writing) {
    if (target == "-") {
      plan.targets[descriptor] = nullptr;
      return absl::OkStatus();
    }
    bool moves = target.ends_with('-');
    std::string_view digits = moves ? target.substr(0, target.size() - 1) : target;
    std::optional<int64_t> number = parseInt(digits);
    if (!number || digits.find_first_not_of("0123456789") != std::string_view::npos)
      return failure(target, "ambiguous redirect");
    if (*number >= firstPrivateDescriptor || !isUsable(static_cast<int>(*number), writing))
      return failure(target, "Bad file descriptor");
    auto source = static_cast<int>(*number);
    if (source == descriptor)
      return absl::OkStatus();
    if (auto planned = plan.targets.find(source); planned != plan.targets.end())
      plan.targets[descriptor] = planned->second;
    else if (absl::Status status = set(descriptor, duplicatePrivately(source), target);
             !status.ok())
      return status;
    if (moves)
      plan.targets[source] = nullptr;
    return absl::OkStatus();
  }

  /// Whether \p number is open for that in the plan so far.
  bool isUsable(int number, bool writing) const {
    auto planned = plan.targets.find(number);
    if (planned == plan.targets.end())
      return isOpenFor(number, writing);
    return planned->second && isOpenFor(planned->second->get(), writing);
  }

  bool noClobber;
};

absl::StatusOr<RedirectionPlan> RedirectionPlan::make(const std::vector<Redirection> &list,
                                                      bool noClobber) {
  Maker maker(noClobber);
  for (const Redirection &redirection : list)
    if (absl::Status status = maker.add(redirection); !status.ok())
      return status;
  return std::move(maker.plan);
}

std::vector<std::pair<int, int>> RedirectionPlan::assignments() const {
  std::vector<std::pair<int, int>> result;
  for (const auto &[target, source] : targets)
    result.emplace_back(target, source ? source->get() : -1);
  return result;
}

//===----------------------------------------------------------------------===//
// In this process
//===----------------------------------------------------------------------===//

absl::Status AppliedRedirections::apply(const RedirectionPlan &plan) {
  for (auto [target, source] : plan.assignments()) {
    Descriptor copy = duplicatePrivately(target);
    if (!copy.isOpen() && errno != EBADF) {
      absl::Status status = systemFailure("redirection");
      restore();
      return status;
    }
    saved.push_back({target, std::move(copy)});
    if (source < 0) {
      close(target);
    } else if (!duplicateTo(source, target)) {
      absl::Status status = systemFailure("redirection");
      restore();
      return status;
    }
  }
  return absl::OkStatus();
}

void AppliedRedirections::restore() {
  while (!saved.empty()) {
    Saved &last = saved.back();
    if (last.copy.isOpen())
      duplicateTo(last.copy.get(), last.number);
    else
      close(last.number);
    saved.pop_back();
  }
}

} // namespace fusevm::shell
