//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "UnitFile.h"

#include "CodeArena.h"

#include "fusevm/Runtime/ValueHash.h"

#include "absl/strings/str_cat.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace fusevm {

namespace {

// A file is read by processes of the same build on the same machine only, so structures lie in it
// as they do in memory. All is aligned to 8 bytes.

/// Raised with every change of what follows.
constexpr uint32_t schema = 1;

struct FileHead {
  char magic[8];
  uint64_t checksum; ///< of all that follows
  uint32_t schema;
  uint32_t units;
  uint64_t attempts;
  uint64_t seenOps; ///< with a SeenOp for each, in front of the units
  uint64_t chunk[2];
  uint64_t compiler;
};
constexpr char magic[8] = {'f', 'u', 's', 'e', 'v', 'm', '\r', '\n'};

/// An OpProfile.
struct SeenOp {
  uint16_t kinds[2];
  uint16_t misses;
};

/// In front of the parts of a unit, in this order; sizes are numbers of elements.
struct UnitHead {
  uint64_t op;
  uint64_t slots, globals, stack, anyKindOps, missingOps;
  uint64_t code, symbol, snapshots, snapshotValues, lines;
  uint64_t alignment, entryOffset, bufferSize, frameBytes, nativeOps, hostOps;
  uint32_t quality;
  uint32_t usesWindows;
};

constexpr size_t alignment = 8;

constexpr size_t roundUp(size_t size) { return (size + alignment - 1) / alignment * alignment; }

/// Whether elements may lie in a file.
template <typename Item>
constexpr bool isPlain = std::is_trivially_copyable_v<Item> && alignof(Item) <= alignment;

class Writer {
public:
  template <typename Item> void add(absl::Span<const Item> items) {
    static_assert(isPlain<Item>);
    bytes.append(reinterpret_cast<const char *>(items.data()), items.size() * sizeof(Item));
    bytes.resize(roundUp(bytes.size()));
  }
  template <typename Item> void add(const std::vector<Item> &items) {
    add(absl::MakeConstSpan(items));
  }
  template <typename Item> void add(const Item *items, size_t count) {
    add(absl::MakeConstSpan(items, count));
  }

  std::string bytes;
};

class Reader {
public:
  explicit Reader(std::string_view bytes) : bytes(bytes) {}

  /// The next \p count elements; none, and the reader has failed, if there are not so many.
  template <typename Item> absl::Span<const Item> take(uint64_t count) {
    static_assert(isPlain<Item>);
    hasFailed |= count > bytes.size() / sizeof(Item);
    if (hasFailed)
      return {};
    absl::Span<const Item> items(reinterpret_cast<const Item *>(bytes.data()), count);
    bytes.remove_prefix(std::min(roundUp(count * sizeof(Item)), bytes.size()));
    return items;
  }
  template <typename Item> void take(std::vector<Item> &items, uint64_t count) {
    absl::Span<const Item> taken = take<Item>(count);
    items.assign(taken.begin(), taken.end());
  }

  bool hasFailed = false;
  std::string_view bytes; ///< that are left
};

/// Of the contents of a file.
uint64_t checksumOf(std::string_view bytes) {
  SipHasher13 hasher;
  hasher.addBytes(bytes.substr(offsetof(FileHead, schema)));
  return hasher.finish();
}

void addText(SipHasher13 &hasher, std::string_view text) {
  hasher.addInteger<uint64_t>(text.size());
  hasher.addBytes(text);
}

template <typename Item> void addItem(SipHasher13 &hasher, const Item &item) {
  static_assert(std::has_unique_object_representations_v<Item>);
  hasher.addBytes(std::string_view(reinterpret_cast<const char *>(&item), sizeof(item)));
}

void writeUnit(Writer &writer, const StoredUnit &unit) {
  const UnitKey &key = unit.key;
  const FusevmJitAnswer &answer = unit.answer;
  size_t symbolSize = std::strlen(answer.symbol) + 1;
  UnitHead head = {.op = key.op,
                   .slots = key.kinds.slots.size(),
                   .globals = key.kinds.globals.size(),
                   .stack = key.kinds.stack.size(),
                   .anyKindOps = key.anyKindOps.size(),
                   .missingOps = key.missingOps.size(),
                   .code = answer.codeSize,
                   .symbol = symbolSize,
                   .snapshots = answer.snapshotCount,
                   .snapshotValues = answer.snapshotValueCount,
                   .lines = answer.lineCount,
                   .alignment = answer.alignment,
                   .entryOffset = answer.entryOffset,
                   .bufferSize = answer.bufferSize,
                   .frameBytes = answer.frameBytes,
                   .nativeOps = answer.nativeOps,
                   .hostOps = answer.hostOps,
                   .quality = key.quality,
                   .usesWindows = answer.usesWindows};
  writer.add(&head, 1);
  writer.add(key.kinds.slots);
  writer.add(key.kinds.globals);
  writer.add(key.kinds.stack);
  writer.add(key.anyKindOps);
  writer.add(key.missingOps);
  writer.add(answer.code, answer.codeSize);
  writer.add(answer.symbol, symbolSize);
  writer.add(answer.snapshots, answer.snapshotCount);
  writer.add(answer.snapshotValues, answer.snapshotValueCount);
  writer.add(answer.lines, answer.lineCount);
}

/// Whether \p unit, of a chunk of so many ops, can be loaded and run.
bool isSound(const StoredUnit &unit, uint64_t opCount) {
  const FusevmJitAnswer &answer = unit.answer;
  constexpr uint64_t most = uint64_t(1) << 31;
  auto isOp = [opCount](uint64_t op) { return op <= opCount || op == FUSEVM_NO_OP; };
  auto isSoundSnapshot = [&](const FusevmSnapshot &snapshot) {
    return isOp(snapshot.op) && isOp(snapshot.guard) && snapshot.reason <= FUSEVM_EXIT_OTHER &&
           snapshot.firstValue <= answer.snapshotValueCount &&
           snapshot.valueCount <= answer.snapshotValueCount - snapshot.firstValue;
  };
  auto isSoundValue = [&](const FusevmSnapshotValue &value) {
    return value.place <= FUSEVM_PLACE_STACK && value.from <= FUSEVM_FROM_POOL &&
           (value.from != FUSEVM_FROM_BUFFER || value.source < answer.bufferSize);
  };
  return unit.key.op < opCount && answer.entryOffset < answer.codeSize &&
         std::has_single_bit(answer.alignment) && answer.alignment <= CodeArena::alignment &&
         answer.bufferSize < most && answer.frameBytes < most &&
         std::all_of(answer.snapshots, answer.snapshots + answer.snapshotCount, isSoundSnapshot) &&
         std::all_of(answer.snapshotValues, answer.snapshotValues + answer.snapshotValueCount,
                     isSoundValue);
}

std::optional<StoredUnit> readUnit(Reader &reader, uint64_t opCount) {
  absl::Span<const UnitHead> heads = reader.take<UnitHead>(1);
  if (heads.empty() || heads.front().quality > FUSEVM_QUALITY_VECTOR)
    return std::nullopt;
  const UnitHead &head = heads.front();
  StoredUnit unit = {};
  UnitKey &key = unit.key;
  key.op = head.op;
  key.quality = static_cast<FusevmQuality>(head.quality);
  reader.take(key.kinds.slots, head.slots);
  reader.take(key.kinds.globals, head.globals);
  reader.take(key.kinds.stack, head.stack);
  reader.take(key.anyKindOps, head.anyKindOps);
  reader.take(key.missingOps, head.missingOps);
  absl::Span<const uint8_t> code = reader.take<uint8_t>(head.code);
  absl::Span<const char> symbol = reader.take<char>(head.symbol);
  auto snapshots = reader.take<FusevmSnapshot>(head.snapshots);
  auto snapshotValues = reader.take<FusevmSnapshotValue>(head.snapshotValues);
  auto lines = reader.take<FusevmCodeLine>(head.lines);
  if (reader.hasFailed || symbol.empty() || symbol.back() != '\0')
    return std::nullopt;
  unit.answer = {.refusal = nullptr,
                 .code = code.data(),
                 .codeSize = code.size(),
                 .alignment = head.alignment,
                 .entryOffset = head.entryOffset,
                 .symbol = symbol.data(),
                 .snapshots = snapshots.data(),
                 .snapshotCount = snapshots.size(),
                 .snapshotValues = snapshotValues.data(),
                 .snapshotValueCount = snapshotValues.size(),
                 .bufferSize = head.bufferSize,
                 .frameBytes = head.frameBytes,
                 .usesWindows = head.usesWindows != 0,
                 .nativeOps = head.nativeOps,
                 .hostOps = head.hostOps,
                 .lines = lines.data(),
                 .lineCount = lines.size(),
                 .ir = nullptr,
                 .assembly = nullptr,
                 .times = {}};
  return isSound(unit, opCount) ? std::optional(std::move(unit)) : std::nullopt;
}

} // namespace

UnitFile::UnitFile(CacheDirectory directory, const FusevmJitRequest &request, uint64_t compiler)
    : directory(std::move(directory)), compiler(compiler), opCount(request.opCount),
      isLinear(request.unit == FUSEVM_UNIT_LINEAR) {
  SipHasher13 hasher;
  hasher.addInteger<uint64_t>(request.unit);
  hasher.addInteger<uint64_t>(request.opCount);
  for (size_t i = 0; i != request.opCount; ++i) {
    addItem(hasher, request.ops[i]);
    addItem(hasher, request.facts[i]);
  }
  hasher.addInteger<uint64_t>(request.functionCount);
  for (size_t i = 0; i != request.functionCount; ++i) {
    const FusevmJitFunction &function = request.functions[i];
    addText(hasher, function.name);
    hasher.addInteger(function.entry);
    hasher.addInteger(function.arguments);
    hasher.addInteger(function.slots);
    hasher.addInteger(function.hasResult);
    hasher.addInteger(function.isNative);
  }
  hasher.addInteger<uint64_t>(request.constantCount);
  for (size_t i = 0; i != request.constantCount; ++i) {
    hasher.addInteger(request.constants[i].kind);
    hasher.addInteger(request.constants[i].bits);
  }
  hasher.addInteger<uint64_t>(request.globalCount);
  // Both are of the whole state of the hash, which has 256 bits.
  SipHasher13 second = hasher;
  second.addInteger<uint8_t>(1);
  chunk[0] = hasher.finish();
  chunk[1] = second.finish();
}

std::string UnitFile::name() const {
  // Straight-line code is compiled whole, and has no second number in other implementations either.
  return absl::StrCat(absl::Hex(chunk[0], absl::kZeroPad16), ".",
                      absl::Hex(isLinear ? 0 : compiler, absl::kZeroPad16),
                      isLinear ? ".lin" : ".blk");
}

std::string UnitFile::encode(const StoredUnits &stored) const {
  Writer writer;
  FileHead head = {};
  writer.add(&head, 1);
  std::vector<SeenOp> seen;
  for (const OpProfile &op : stored.profile)
    seen.push_back({{op.kinds[0], op.kinds[1]}, op.misses != OpProfile::None});
  writer.add(seen);
  for (const StoredUnit &unit : stored.units)
    writeUnit(writer, unit);
  std::memcpy(head.magic, magic, sizeof(magic));
  head.schema = schema;
  head.units = static_cast<uint32_t>(stored.units.size());
  head.attempts = stored.attempts;
  head.seenOps = seen.size();
  std::copy_n(chunk, 2, head.chunk);
  head.compiler = compiler;
  std::memcpy(writer.bytes.data(), &head, sizeof(head));
  head.checksum = checksumOf(writer.bytes);
  std::memcpy(writer.bytes.data(), &head, sizeof(head));
  return std::move(writer.bytes);
}

std::optional<StoredUnits> UnitFile::decode(std::string_view bytes) const {
  Reader reader(bytes);
  absl::Span<const FileHead> heads = reader.take<FileHead>(1);
  if (heads.empty())
    return std::nullopt;
  const FileHead &head = heads.front();
  if (std::memcmp(head.magic, magic, sizeof(magic)) != 0 || head.schema != schema ||
      !std::equal(chunk, chunk + 2, head.chunk) || head.compiler != compiler ||
      head.checksum != checksumOf(bytes))
    return std::nullopt;
  StoredUnits stored;
  stored.attempts = static_cast<uint32_t>(head.attempts);
  for (const SeenOp &op : reader.take<SeenOp>(head.seenOps))
    stored.profile.push_back({.kinds = {op.kinds[0], op.kinds[1]},
                              .misses = op.misses ? OpProfile::Watched : OpProfile::None});
  std::optional<std::vector<StoredUnit>> units = decodeUnits(reader.bytes, head.units, opCount);
  if (!units || (head.seenOps != 0 && head.seenOps != opCount))
    return std::nullopt;
  stored.units = *std::move(units);
  return stored;
}

std::optional<std::vector<StoredUnit>> UnitFile::decodeUnits(std::string_view bytes, uint64_t count,
                                                             uint64_t opCount) {
  Reader reader(bytes);
  std::vector<StoredUnit> units;
  for (uint64_t i = 0; i != count; ++i) {
    std::optional<StoredUnit> unit = readUnit(reader, opCount);
    if (!unit)
      return std::nullopt;
    units.push_back(*std::move(unit));
  }
  if (!reader.bytes.empty())
    return std::nullopt;
  return units;
}

std::optional<StoredUnits> UnitFile::read(std::string &bytes) const {
  bytes = directory.read(name());
  return decode(bytes);
}

void UnitFile::noteAttempt() const {
  std::string bytes;
  StoredUnits stored = read(bytes).value_or(StoredUnits());
  ++stored.attempts;
  directory.write(name(), encode(stored));
}

/// Whether a program that has \p unit needs \p other no more: the same, or one that is as good.
static bool replaces(const UnitKey &unit, const UnitKey &other) {
  UnitKey same = unit;
  same.quality = other.quality;
  return same == other && unit.quality >= other.quality;
}

void UnitFile::add(const StoredUnit &added, const std::vector<OpProfile> &profile) const {
  constexpr size_t mostUnits = 256;
  std::string bytes;
  StoredUnits stored = read(bytes).value_or(StoredUnits());
  std::vector<StoredUnit> &units = stored.units;
  std::erase_if(units, [&](const StoredUnit &unit) { return replaces(added.key, unit.key); });
  if (units.size() == mostUnits)
    units.erase(units.begin());
  units.push_back(added);
  addProfile(stored.profile, profile);
  stored.attempts = 0;
  directory.write(name(), encode(stored));
}

} // namespace fusevm
