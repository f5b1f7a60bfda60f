//===- JitPlugin.h - The contract with the compiler plugin --------*- C -*-===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Everything that crosses the border between the library and the compiler plugin, which
/// is opened at run time: C structures and function tables only. What is passed stays the
/// caller's; what the plugin answers stays the plugin's until it is released.
///
//===----------------------------------------------------------------------===//

#ifndef FUSEVM_NATIVE_JITPLUGIN_H
#define FUSEVM_NATIVE_JITPLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Raised with every change of this file.
#define FUSEVM_JIT_ABI_VERSION 7

/// The name of the plugin's only exported function, a FusevmJitEntryPoint.
#define FUSEVM_JIT_ENTRY_POINT "fusevmJitPlugin"

//===----------------------------------------------------------------------===//
// What native code sees at run time
//===----------------------------------------------------------------------===//

/// A value as it lies in memory: Value of Runtime/Value.h.
typedef struct FusevmValue {
  uint32_t kind; ///< the numbers of enum Kind
  uint32_t unused;
  uint64_t bits;
} FusevmValue;

typedef struct FusevmNativeContext FusevmNativeContext;

/// No op of any chunk.
#define FUSEVM_NO_OP UINT64_MAX

/// Numbers of the float functions of one operand.
typedef enum FusevmUnaryFunction {
  FUSEVM_SIN,
  FUSEVM_COS,
  FUSEVM_EXP,
  FUSEVM_LOG,
  FUSEVM_CEIL,
  FUSEVM_FLOOR,
  FUSEVM_TRUNC,
  FUSEVM_ROUND,
  FUSEVM_TAN,
  FUSEVM_ASIN,
  FUSEVM_ACOS,
  FUSEVM_ATAN,
  FUSEVM_SINH,
  FUSEVM_COSH,
  FUSEVM_TANH,
  FUSEVM_LOG2,
  FUSEVM_LOG10,
} FusevmUnaryFunction;

/// Numbers of the float functions of two operands.
typedef enum FusevmBinaryFunction {
  FUSEVM_FMOD,
  FUSEVM_POW,
  FUSEVM_ATAN2,
} FusevmBinaryFunction;

/// What elements of an array are that are not all of one scalar kind.
typedef enum FusevmElementKinds {
  FUSEVM_NO_KIND = 0xfd, ///< there has been none
  FUSEVM_SCALAR_KINDS,
  FUSEVM_ANY_KINDS,
} FusevmElementKinds;

/// The payload of an Array. All heap payloads begin with the number of references.
typedef struct FusevmArray {
  uint64_t references;
  FusevmValue *first;
  size_t count;
  size_t capacity; ///< elements that fit from first on
  size_t headroom;
  uint8_t kinds; ///< of elements: the one that all have, a scalar one, or a FusevmElementKinds
} FusevmArray;

/// An entry of a hash; the key of a deleted one is Undef.
typedef struct FusevmHashEntry {
  FusevmValue key;
  FusevmValue value;
} FusevmHashEntry;

/// The head of a Hash's payload.
typedef struct FusevmHash {
  uint64_t references;
  FusevmHashEntry *entries;
  void *table;
  size_t used; ///< entries
} FusevmHash;

/// The head of a Str's payload; the bytes follow.
typedef struct FusevmString {
  uint64_t references;
  size_t size;
  size_t capacity;
  uint32_t knownHash;
  uint32_t lastEntry; ///< where a hash last had it as a key: a guess
} FusevmString;

/// The functions that native code calls. Those that return a uint32_t say 0 to go on; on
/// anything else the unit returns FUSEVM_LEFT at once.
typedef struct FusevmHelpers {
  /// Applies the snapshot, executes the op it names as the baseline loop does, with all that
  /// is called or run for it, and comes back when the op is over. The values are then in
  /// memory, and the pointers and the meter of the context are right again.
  uint32_t (*runOp)(FusevmNativeContext *, uint32_t snapshot);
  /// The same in a native call, whose slots and stack position 0 are at \p slots and
  /// \p stack. If it says not to go on, it has noted the frame itself.
  uint32_t (*runOpInCall)(FusevmNativeContext *, uint32_t snapshot, FusevmValue *slots,
                          FusevmValue *stack);
  /// Executes the op at \p op, which looks at nothing but the values that it takes, the
  /// uppermost ones below \p stackEnd, and at variables that it names. These are in memory,
  /// all else may be anywhere. Not 0: the op has failed.
  uint32_t (*runSimpleOp)(FusevmNativeContext *, uint64_t op, FusevmValue *stackEnd);
  /// The same for an op that names slots, in a native call whose slots begin at \p slots.
  uint32_t (*runSimpleOpInCall)(FusevmNativeContext *, uint64_t op, FusevmValue *stackEnd,
                                FusevmValue *slots);
  /// Notes the frame of a native function that is left, with the values of \p snapshot: the
  /// innermost one first.
  void (*unwind)(FusevmNativeContext *, uint32_t snapshot);
  /// A call is deeper than all before: afterwards only \p framesLeft may be pushed. 0 if it
  /// may go on.
  uint32_t (*deepen)(FusevmNativeContext *, uint64_t framesLeft);
  /// For boxed units. Executes the op at \p op, at which the machine is, with all the checks
  /// of the baseline loop. Returns the op that is next; FUSEVM_NO_OP to leave the unit.
  uint64_t (*step)(FusevmNativeContext *, uint64_t op);
  /// Gives up the last reference to a value on the heap, given as kind and payload.
  void (*destroy)(uint32_t kind, uint64_t bits);
  /// Coercions of a value of any kind, given as kind and payload.
  uint32_t (*isTrue)(uint32_t kind, uint64_t bits);
  int64_t (*toInt)(uint32_t kind, uint64_t bits);
  double (*toFloat)(uint32_t kind, uint64_t bits);
  /// Stores a scalar in an array that nothing else holds; 0 if it was done, otherwise nothing
  /// has changed.
  uint32_t (*arraySet)(FusevmNativeContext *, FusevmArray *array, int64_t index, uint32_t kind,
                       uint64_t bits);
  /// Loads a constant on the heap into the pool that the context knows.
  void (*loadConstant)(FusevmNativeContext *, uint32_t constant);
  /// For the op at \p op: the value under \p key in \p hash, or an Undef; null if the op
  /// has failed.
  const FusevmValue *(*findInHash)(FusevmNativeContext *, uint64_t op, const FusevmValue *hash,
                                   const FusevmValue *key);
  /// The value under a text in a hash, or an Undef.
  const FusevmValue *(*findText)(const FusevmHash *hash, const FusevmString *key);
  /// Where the value is that a hash that nothing else holds has under a text, an Undef if it had
  /// none; null if there may be no more entries.
  FusevmValue *(*placeOfText)(FusevmNativeContext *, FusevmHash *hash, const FusevmString *key);
  /// For the op at \p op: joins the texts of two values in \p target, which may be \p left.
  /// Not 0: the op has failed.
  uint32_t (*concat)(FusevmNativeContext *, uint64_t op, FusevmValue *target, FusevmValue *left,
                     const FusevmValue *right);
  /// Of two texts: whether they are the same, and their order: -1, 0 or 1.
  uint32_t (*isSameText)(const FusevmString *, const FusevmString *);
  int64_t (*compareTexts)(const FusevmString *, const FusevmString *);
  int64_t (*gcd)(int64_t, int64_t);
  int64_t (*lcm)(int64_t, int64_t);
  /// What the float ops compute; see FusevmFloatFunction.
  double (*unary[24])(double);
  double (*binary[4])(double, double);
} FusevmHelpers;

/// What native code works on; its only argument. Kept by the machine.
struct FusevmNativeContext {
  FusevmValue *slots;   ///< of the top frame
  FusevmValue *stack;   ///< stack position 0 of the function that runs
  FusevmValue *globals; ///< as many as the chunk has names
  /// The constants of the chunk; one on the heap is Undef until it is loaded.
  FusevmValue *constants;
  size_t maxContainerSize; ///< the limit for arrays and hashes
  const FusevmHelpers *helpers;
  /// Fuel, counted as in the fast loop: before an op what is left is the meter less the op's
  /// index. Right at entry and exit and around helpers that take the context.
  uint64_t meter;
  /// The meter may not be below this after a jump back.
  const uint64_t *meterFloor;
  /// Where the values of a snapshot are left: at least snapshotValues of the unit.
  uint64_t *values;
  uint64_t entryOp; ///< of a boxed unit: where it is entered
  /// Native calls: where the slots of the next frame begin,
  FusevmValue *nextSlots;
  /// how many frames may be pushed, with one to spare,
  uint64_t framesLeft;
  /// how many could when there were most of them: below it \c deepen must be asked,
  uint64_t fewestFramesLeft;
  /// and how many calls there were.
  uint64_t calls;
  /// For tests: how many guards hold before one is taken to fail; see failsGuards.
  uint64_t guardsLeft;
  /// For tests: how often each op was reached, by its number; see countsOps.
  uint64_t *opsReached;
  void *machine;
  const void *unit; ///< the unit that runs, for the host
};

/// A compiled unit. Returns the number of the snapshot at which it was left, or FUSEVM_LEFT
/// when the machine's state is already the canonical one, or FUSEVM_UNWOUND when its frames
/// have been noted: it was left in a native call.
typedef uint32_t (*FusevmNativeEntry)(FusevmNativeContext *);
#define FUSEVM_LEFT 0xffffffffu
#define FUSEVM_UNWOUND 0xfffffffeu

//===----------------------------------------------------------------------===//
// Request
//===----------------------------------------------------------------------===//

typedef enum FusevmUnitKind {
  FUSEVM_UNIT_LINEAR,
  FUSEVM_UNIT_BLOCK,
  FUSEVM_UNIT_TRACE,
  /// A whole chunk of which no stack shape is assumed: the host executes its ops, on the
  /// canonical state, and control goes from one to the next in native code. Can be entered
  /// at each of them. Of the request, only name, ops and listings matter.
  FUSEVM_UNIT_BOXED,
} FusevmUnitKind;

typedef enum FusevmQuality {
  FUSEVM_QUALITY_QUICK,  ///< fast to compile
  FUSEVM_QUALITY_FULL,   ///< for what stays hot
  FUSEVM_QUALITY_VECTOR, ///< the O2 pipeline
} FusevmQuality;

/// An op: Instruction of IR/Instruction.h.
typedef struct FusevmJitOp {
  uint16_t opcode;
  uint16_t a, b, c;
  uint64_t wide;
} FusevmJitOp;

/// A constant. A heap constant has only a kind.
typedef struct FusevmJitConstant {
  uint8_t kind;
  uint64_t bits;
} FusevmJitConstant;

/// What is known of an op.
typedef struct FusevmJitOpFacts {
  int32_t height;     ///< values on the stack before it; negative: never reached
  uint32_t function;  ///< number of the function it belongs to
  uint32_t pops;      ///< values that it takes and
  uint32_t pushes;    ///< leaves, with all that it calls, if it comes back
  uint32_t line;      ///< of the source; 0: unknown
  uint16_t kinds[2];  ///< sets of kinds that the top value and the one below had, if recorded
  uint8_t resultKind; ///< of what it pushes, whatever it takes, or FUSEVM_ANY_KIND
  uint8_t isAnyKind;  ///< a guard of this op failed too often: take any kind
  uint8_t scopeDepth; ///< open scopes, each with slots of its own
  uint8_t missesKey;  ///< of a hash: the key is not always where it was last found
  uint32_t callee;    ///< the function that a Call calls, or FUSEVM_NO_FUNCTION
} FusevmJitOpFacts;
#define FUSEVM_NO_FUNCTION 0xffffffffu

/// What is known of a function.
typedef struct FusevmJitFunction {
  const char *name;
  uint64_t entry;
  uint32_t arguments; ///< values it starts with
  uint32_t slots;     ///< of its frame
  uint8_t hasResult;  ///< whether it leaves a value when it returns
  uint8_t isNative;   ///< whether calls of it may be native calls
} FusevmJitFunction;

//===----------------------------------------------------------------------===//
// Extension ops
//===----------------------------------------------------------------------===//

/// An integer, float or truth value in compiled code. Lives until the op is emitted.
typedef struct FusevmEmitValue FusevmEmitValue;

/// On two integers or two floats; the last five on integers only. Integers wrap. Nothing is
/// emitted that looks for a divisor of 0, or for the least integer divided by -1.
typedef enum FusevmEmitOperation {
  FUSEVM_EMIT_ADD,
  FUSEVM_EMIT_SUB,
  FUSEVM_EMIT_MUL,
  FUSEVM_EMIT_DIV, ///< of integers: truncating
  FUSEVM_EMIT_REM, ///< with the dividend's sign
  FUSEVM_EMIT_AND,
  FUSEVM_EMIT_OR,
  FUSEVM_EMIT_XOR,
  FUSEVM_EMIT_SHL, ///< by the low 6 bits
  FUSEVM_EMIT_SHR, ///< arithmetic
} FusevmEmitOperation;

/// Of two integers or two floats; false for a NaN but NE.
typedef enum FusevmEmitComparison {
  FUSEVM_EMIT_EQ,
  FUSEVM_EMIT_NE,
  FUSEVM_EMIT_LT,
  FUSEVM_EMIT_LE,
} FusevmEmitComparison;

typedef struct FusevmEmitter FusevmEmitter;

/// What native code for an extension op is made with. A wrong use (a value too many that is
/// popped, operands of different kinds) makes the op be executed by the host.
struct FusevmEmitter {
  /// The top operand, converted as the ops do; null if there is none left.
  FusevmEmitValue *(*popInt)(FusevmEmitter *);
  FusevmEmitValue *(*popFloat)(FusevmEmitter *);
  void (*push)(FusevmEmitter *, FusevmEmitValue *);
  FusevmEmitValue *(*intConstant)(FusevmEmitter *, int64_t);
  FusevmEmitValue *(*floatConstant)(FusevmEmitter *, double);
  FusevmEmitValue *(*toInt)(FusevmEmitter *, FusevmEmitValue *); ///< truncating, saturating
  FusevmEmitValue *(*toFloat)(FusevmEmitter *, FusevmEmitValue *);
  FusevmEmitValue *(*operate)(FusevmEmitter *, FusevmEmitOperation, FusevmEmitValue *,
                              FusevmEmitValue *);
  FusevmEmitValue *(*compare)(FusevmEmitter *, FusevmEmitComparison, FusevmEmitValue *,
                              FusevmEmitValue *);
  /// The one or the other, both of one kind, as a truth value says.
  FusevmEmitValue *(*select)(FusevmEmitter *, FusevmEmitValue *condition, FusevmEmitValue *,
                             FusevmEmitValue *);
  /// Calls a C function that takes the integers and floats \p arguments and returns one.
  FusevmEmitValue *(*call)(FusevmEmitter *, const void *function, uint8_t returnsFloat,
                           FusevmEmitValue *const *arguments, size_t count);
};

/// A frontend's native code for its Extended ops. Used on the compile thread.
typedef struct FusevmJitExtension {
  void *user;
  /// Emits the op. 0: it has no code for it. Must say and emit the same each time.
  uint8_t (*emit)(void *user, uint16_t id, uint8_t arg, FusevmEmitter *);
} FusevmJitExtension;

/// One compilation.
typedef struct FusevmJitRequest {
  FusevmUnitKind unit;
  FusevmQuality quality;
  const char *name; ///< of the sub, for symbols
  const FusevmJitOp *ops;
  const FusevmJitOpFacts *facts;
  size_t opCount;
  const FusevmJitFunction *functions;
  size_t functionCount;
  const FusevmJitConstant *constants;
  size_t constantCount;
  const FusevmJitExtension *extensions; ///< the first that emits an op is taken
  size_t extensionCount;
  size_t globalCount;
  uint64_t entry; ///< the op at which the unit begins
  uint32_t slotCount;
  /// The kinds that the slots, the globals and the stack positions have at the entry: what
  /// is assumed and checked there. FUSEVM_SCALAR_KIND: any kind that is not on the heap;
  /// FUSEVM_ANY_KIND: no assumption.
  const uint8_t *slotKinds;
  const uint8_t *globalKinds;
  const uint8_t *stackKinds;
  uint8_t failsGuards;  ///< for tests: a guard fails when guardsLeft has been counted down
  uint8_t countsOps;    ///< for tests: opsReached is counted
  uint8_t storesAtOnce; ///< for tests: variables are stored whenever they are set
  uint8_t omitsPolls;   ///< for measuring: no op is counted at jumps, and nothing looked for there
  /// How many ops a loop may execute between two looks; 0: what is best.
  uint32_t opsOfStrip;
  uint8_t wantsIR; ///< fill in ir
  uint8_t wantsAssembly;
} FusevmJitRequest;
#define FUSEVM_ANY_KIND 0xff
#define FUSEVM_SCALAR_KIND 0xfe

//===----------------------------------------------------------------------===//
// Answer
//===----------------------------------------------------------------------===//

typedef enum FusevmPlace {
  FUSEVM_PLACE_SLOT,
  FUSEVM_PLACE_GLOBAL,
  FUSEVM_PLACE_STACK,
} FusevmPlace;

/// Where the payload of a snapshot's value is.
typedef enum FusevmSource {
  FUSEVM_FROM_BUFFER,   ///< values[source]
  FUSEVM_FROM_CONSTANT, ///< constant
  FUSEVM_FROM_SLOT,     ///< a copy of slot source, with its kind
  FUSEVM_FROM_GLOBAL,   ///< a copy of global source, with its kind
  FUSEVM_FROM_POOL,     ///< a copy of constant source of the chunk
} FusevmSource;

/// A value that is not in its place in memory at a snapshot. What is in memory in that
/// place is to be overwritten without a look.
typedef struct FusevmSnapshotValue {
  uint8_t place;
  uint8_t kind;   ///< FUSEVM_ANY_KIND: values[source + 1] is the kind
  uint8_t from;   ///< a FusevmSource
  uint32_t index; ///< of the slot, global or stack position
  uint32_t source;
  uint64_t constant;
} FusevmSnapshotValue;

/// Why a unit is left at a snapshot.
typedef enum FusevmExitReason {
  FUSEVM_EXIT_HOST_CALL, ///< it is not left: the snapshot of a runOp
  FUSEVM_EXIT_CALL,      ///< a native call is left: the snapshot is its caller's, with what
                         ///< is there while the callee runs; op is the Call
  FUSEVM_EXIT_ENTRY,     ///< the state is not what was assumed at the entry
  FUSEVM_EXIT_KIND,      ///< a value had another kind than was assumed
  FUSEVM_EXIT_POLL,      ///< fuel or an interrupt
  FUSEVM_EXIT_FAILED,    ///< the op has failed: the state is the one before it, but
                         ///< for what it has done to its operands
  FUSEVM_EXIT_LIMIT,     ///< something is too large or missing for native code
  FUSEVM_EXIT_END,       ///< the end of the code
  FUSEVM_EXIT_OTHER,     ///< the rest is not part of the unit
} FusevmExitReason;

/// The state before an op.
typedef struct FusevmSnapshot {
  uint64_t op;
  uint64_t guard;  ///< the op whose guard it is, or that calls runOp
  uint32_t height; ///< values on the stack
  uint32_t firstValue;
  uint32_t valueCount;
  uint8_t reason;
} FusevmSnapshot;

/// A place in the code that a line of the source stands for.
typedef struct FusevmCodeLine {
  uint32_t offset;
  uint32_t line;
} FusevmCodeLine;

/// The milliseconds of a compile.
typedef struct FusevmCompileTimes {
  double lower, optimize, emit;
} FusevmCompileTimes;

/// What came of a request.
typedef struct FusevmJitAnswer {
  /// Why there is no code; null if there is.
  const char *refusal;
  /// Position-independent and free of relocations.
  const uint8_t *code;
  size_t codeSize;
  size_t alignment;
  size_t entryOffset; ///< of the FusevmNativeEntry
  const char *symbol;
  const FusevmSnapshot *snapshots;
  size_t snapshotCount;
  const FusevmSnapshotValue *snapshotValues;
  size_t snapshotValueCount;
  size_t bufferSize; ///< words of FusevmNativeContext::values that are used
  /// Bytes of the native stack that one native call takes at most; 0: there are no calls.
  size_t frameBytes;
  uint8_t usesWindows; ///< native calls have values in their places
  size_t nativeOps;    ///< ops that were lowered to code of their own
  size_t hostOps;      ///< ops that call runOp
  const FusevmCodeLine *lines;
  size_t lineCount;
  const char *ir;
  const char *assembly;
  FusevmCompileTimes times;
} FusevmJitAnswer;

//===----------------------------------------------------------------------===//
// Plugin
//===----------------------------------------------------------------------===//

/// A compiler: what one compile thread needs. Used by one thread at a time.
typedef struct FusevmJitCompiler FusevmJitCompiler;

/// What the plugin offers.
typedef struct FusevmJitPlugin {
  uint32_t abiVersion;
  const char *buildId; ///< must be the library's
  FusevmJitCompiler *(*create)(void);
  void (*destroy)(FusevmJitCompiler *);
  /// Never fails: an answer may be a refusal.
  const FusevmJitAnswer *(*compile)(FusevmJitCompiler *, const FusevmJitRequest *);
  void (*release)(FusevmJitCompiler *, const FusevmJitAnswer *);
  /// Compiles something small, so that the first real compile is not the slow one.
  void (*warmUp)(FusevmJitCompiler *);
} FusevmJitPlugin;

/// Null if the plugin does not know \p abiVersion.
typedef const FusevmJitPlugin *(*FusevmJitEntryPoint)(uint32_t abiVersion);

#ifdef __cplusplus
}
#endif

#endif // FUSEVM_NATIVE_JITPLUGIN_H
