//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "Plugin.h"

#include "TargetLevel.h"

#include "fusevm/Runtime/ValueHash.h"
#include "fusevm/Support/StrCat.h"

#include <climits>
#include <cstdlib>
#include <dlfcn.h>
#include <link.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace fusevm {

namespace {

/// Returns the path of the program or shared library that this function is part of; empty
/// if it cannot be told.
std::string ownPath() {
  Dl_info info;
  link_map *object = nullptr;
  auto self = reinterpret_cast<const void *>(&ownPath);
  if (::dladdr1(self, &info, reinterpret_cast<void **>(&object), RTLD_DL_LINKMAP) && object &&
      *object->l_name)
    return object->l_name;
  // The program itself: what it was started as says little about where it is.
  char path[PATH_MAX];
  ssize_t length = ::readlink("/proc/self/exe", path, sizeof(path));
  return length > 0 ? std::string(path, static_cast<size_t>(length)) : std::string();
}

absl::Status unusable(std::string_view path, std::string_view why) {
  return absl::FailedPreconditionError(strCat("the compiler plugin '", path, "' ", why));
}

} // namespace

std::vector<std::string> pluginPaths(const std::string &configured) {
  if (const char *path = ::secure_getenv("FUSEVM_JIT_PLUGIN"); path && *path)
    return {path};
  if (!configured.empty())
    return {configured};
  std::vector<std::string> paths;
  std::string own = ownPath();
  if (size_t slash = own.rfind('/'); slash != std::string::npos) {
    std::string folder = own.substr(0, slash + 1);
    // Beside it, below the folder of the library, and from bin to lib.
    for (std::string_view way : {"", "fusevm/", FUSEVM_BIN_TO_PLUGIN "/", "../lib/fusevm/"})
      paths.push_back(strCat(folder, way, pluginFileName));
  }
  // For programs that are somewhere else than the library they were linked with.
  paths.push_back(strCat(FUSEVM_INSTALLED_PLUGIN "/", pluginFileName));
  return paths;
}

absl::StatusOr<const FusevmJitPlugin *> openPlugin(const std::vector<std::string> &paths) {
  for (const std::string &path : paths) {
    if (::access(path.c_str(), F_OK) != 0)
      continue;
    void *library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library)
      return unusable(path, strCat("cannot be opened: ", ::dlerror()));
    auto entry = reinterpret_cast<FusevmJitEntryPoint>(::dlsym(library, FUSEVM_JIT_ENTRY_POINT));
    if (!entry)
      return unusable(path, strCat("has no function " FUSEVM_JIT_ENTRY_POINT));
    const FusevmJitPlugin *plugin = entry(FUSEVM_JIT_ABI_VERSION);
    if (!plugin)
      return unusable(path,
                      strCat("does not know version ", FUSEVM_JIT_ABI_VERSION, " of the contract"));
    if (std::string_view(plugin->buildId) != FUSEVM_BUILD_ID)
      return unusable(path, strCat("belongs to another build: expected " FUSEVM_BUILD_ID ", found ",
                                   plugin->buildId));
    return plugin;
  }
  // Of the usual places none is more to blame than the others.
  return absl::NotFoundError(
      strCat("there is no compiler plugin ", paths.size() == 1 ? std::string_view(paths.front())
                                                               : std::string_view(pluginFileName)));
}

std::optional<uint64_t> identifyPlugin(const std::vector<std::string> &paths) {
  for (const std::string &path : paths) {
    struct stat status;
    if (::stat(path.c_str(), &status) != 0)
      continue;
    SipHasher13 hasher;
    hasher.addBytes(FUSEVM_BUILD_ID);
    hasher.addBytes(targetLevel());
    hasher.addInteger(static_cast<uint64_t>(status.st_size));
    hasher.addInteger(static_cast<uint64_t>(status.st_ino));
    // Packages may give all files one time of modification; this one cannot be chosen.
    hasher.addInteger(static_cast<uint64_t>(status.st_ctim.tv_sec));
    hasher.addInteger(static_cast<uint64_t>(status.st_ctim.tv_nsec));
    return hasher.finish();
  }
  return std::nullopt;
}

} // namespace fusevm
