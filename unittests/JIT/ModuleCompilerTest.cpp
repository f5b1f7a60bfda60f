//===----------------------------------------------------------------------===//
//
// Part of the fusevm project, under the MIT License.
// SPDX-License-Identifier: MIT
//
//===----------------------------------------------------------------------===//

#include "ModuleCompiler.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "llvm/IR/IRBuilder.h"

#include <cstring>
#include <sys/mman.h>

using namespace fusevm::jit;
using namespace llvm;
using testing::HasSubstr;

namespace {

constexpr FusevmQuality qualities[] = {FUSEVM_QUALITY_QUICK, FUSEVM_QUALITY_FULL,
                                       FUSEVM_QUALITY_VECTOR};

class ModuleCompilerTest : public testing::Test {
protected:
  ModuleCompilerTest() : compiler(cantFail(ModuleCompiler::create())) { renewModule(); }

  ~ModuleCompilerTest() override {
    for (auto [memory, size] : executable)
      ::munmap(memory, size);
  }

  void renewModule() {
    module.reset();
    module = compiler->makeModule(/*keepsNames=*/true);
    builder = std::make_unique<IRBuilder<>>(module->getContext());
  }

  /// Begins a function of the module.
  Function *begin(const char *name, Type *result, ArrayRef<Type *> arguments) {
    auto *type = FunctionType::get(result, arguments, false);
    Function *function = Function::Create(type, Function::ExternalLinkage, name, *module);
    function->setDoesNotThrow();
    builder->SetInsertPoint(BasicBlock::Create(module->getContext(), "", function));
    return function;
  }

  Expected<Blob> compile(FusevmQuality quality, Listing listing = {}) {
    return compiler->compile(*module, "entry", quality, true, times, listing);
  }

  /// Copies the code to some executable memory, removes what it was copied from, and
  /// returns the entry.
  template <typename Function> Function *install(Blob blob) {
    // The undefined behaviour sanitizer looks at what is in front of a function.
    constexpr size_t before = BlobLinker::alignment;
    size_t size = before + blob.code.size();
    void *memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *code = static_cast<char *>(memory) + before;
    std::memcpy(code, blob.code.data(), blob.code.size());
    ::mprotect(memory, size, PROT_READ | PROT_EXEC);
    executable.emplace_back(memory, size);
    cantFail(blob.tracker->remove());
    return reinterpret_cast<Function *>(code + blob.entryOffset);
  }

  std::unique_ptr<ModuleCompiler> compiler;
  std::unique_ptr<Module> module;
  std::unique_ptr<IRBuilder<>> builder;
  FusevmCompileTimes times = {};
  std::vector<std::pair<void *, size_t>> executable;
};

TEST_F(ModuleCompilerTest, constantsAreNextToTheCode) {
  for (FusevmQuality quality : qualities) {
    renewModule();
    Function *entry = begin("entry", builder->getDoubleTy(), {builder->getDoubleTy()});
    Value *product =
        builder->CreateFMul(entry->getArg(0), ConstantFP::get(builder->getDoubleTy(), 1.5));
    builder->CreateRet(builder->CreateFAdd(product, ConstantFP::get(builder->getDoubleTy(), 0.1)));
    auto *function = install<double(double)>(cantFail(compile(quality)));
    EXPECT_EQ(function(3), 3 * 1.5 + 0.1) << quality;
  }
}

TEST_F(ModuleCompilerTest, jumpTablesAreNextToTheCode) {
  for (FusevmQuality quality : qualities) {
    renewModule();
    Function *entry = begin("entry", builder->getInt64Ty(), {builder->getInt64Ty()});
    BasicBlock *otherwise = BasicBlock::Create(module->getContext(), "", entry);
    SwitchInst *choice = builder->CreateSwitch(entry->getArg(0), otherwise);
    builder->SetInsertPoint(otherwise);
    builder->CreateRet(builder->getInt64(-1));
    for (int64_t value = 0; value != 20; ++value) {
      BasicBlock *block = BasicBlock::Create(module->getContext(), "", entry);
      choice->addCase(builder->getInt64(static_cast<uint64_t>(value)), block);
      builder->SetInsertPoint(block);
      // Different work in each, or the table would be of values.
      Value *result = entry->getArg(0);
      for (int64_t step = 0; step != value; ++step)
        result = builder->CreateMul(result, entry->getArg(0));
      builder->CreateRet(result);
    }
    auto *function = install<int64_t(int64_t)>(cantFail(compile(quality)));
    EXPECT_EQ(function(3), 81) << quality;
    EXPECT_EQ(function(20), -1) << quality;
  }
}

TEST_F(ModuleCompilerTest, functionsCallEachOther) {
  for (FusevmQuality quality : qualities) {
    renewModule();
    Type *word = builder->getInt64Ty();
    Function *helper = begin("helper", word, {word});
    helper->addFnAttr(Attribute::NoInline);
    builder->CreateRet(builder->CreateXor(helper->getArg(0), builder->getInt64(5)));
    Function *entry = begin("entry", word, {word});
    builder->CreateRet(
        builder->CreateAdd(builder->CreateCall(helper, {entry->getArg(0)}), builder->getInt64(1)));
    auto *function = install<int64_t(int64_t)>(cantFail(compile(quality)));
    EXPECT_EQ(function(8), 14) << quality;
  }
}

/// Fills an array; LLVM knows a function for that.
void buildFill(IRBuilder<> &builder, Function *entry) {
  LLVMContext &context = builder.getContext();
  BasicBlock *before = builder.GetInsertBlock();
  BasicBlock *loop = BasicBlock::Create(context, "", entry);
  BasicBlock *end = BasicBlock::Create(context, "", entry);
  builder.CreateBr(loop);
  builder.SetInsertPoint(loop);
  PHINode *index = builder.CreatePHI(builder.getInt64Ty(), 2);
  builder.CreateStore(builder.getInt64(0),
                      builder.CreateGEP(builder.getInt64Ty(), entry->getArg(0), index));
  Value *next = builder.CreateAdd(index, builder.getInt64(1));
  index->addIncoming(builder.getInt64(0), before);
  index->addIncoming(next, loop);
  builder.CreateCondBr(builder.CreateICmpSLT(next, entry->getArg(1)), loop, end);
  builder.SetInsertPoint(end);
  builder.CreateRetVoid();
}

TEST_F(ModuleCompilerTest, noPassBringsInAFunctionOfTheLibrary) {
  for (FusevmQuality quality : qualities) {
    renewModule();
    Function *entry =
        begin("entry", builder->getVoidTy(), {builder->getPtrTy(), builder->getInt64Ty()});
    buildFill(*builder, entry);
    auto *function = install<void(int64_t *, int64_t)>(cantFail(compile(quality)));
    std::vector<int64_t> words(1000, 1);
    function(words.data(), 999);
    EXPECT_EQ(words[998], 0);
    EXPECT_EQ(words[999], 1);
  }
}

TEST_F(ModuleCompilerTest, functionFromOutsideIsRefused) {
  for (FusevmQuality quality : qualities) {
    renewModule();
    Function *entry =
        begin("entry", builder->getDoubleTy(), {builder->getDoubleTy(), builder->getDoubleTy()});
    builder->CreateRet(builder->CreateFRem(entry->getArg(0), entry->getArg(1)));
    Expected<Blob> blob = compile(quality);
    ASSERT_FALSE(blob);
    EXPECT_EQ(toString(blob.takeError()), "the code needs the function 'fmod', which has no place "
                                          "in the table of helpers");
  }
}

TEST_F(ModuleCompilerTest, addressesAndVariablesAreRefused) {
  Type *word = builder->getInt64Ty();
  begin("entry", word, {});
  auto *variable = new GlobalVariable(*module, word, /*isConstant=*/false,
                                      GlobalValue::InternalLinkage, builder->getInt64(3));
  builder->CreateRet(builder->CreateLoad(word, variable, /*isVolatile=*/true));
  Expected<Blob> blob = compile(FUSEVM_QUALITY_QUICK);
  ASSERT_FALSE(blob);
  EXPECT_EQ(toString(blob.takeError()), "the code has variables of its own");

  renewModule();
  Function *entry = begin("entry", builder->getPtrTy(), {});
  auto *table = new GlobalVariable(*module, builder->getPtrTy(), /*isConstant=*/true,
                                   GlobalValue::InternalLinkage, entry);
  builder->CreateRet(builder->CreateLoad(builder->getPtrTy(), table, /*isVolatile=*/true));
  blob = compile(FUSEVM_QUALITY_QUICK);
  ASSERT_FALSE(blob);
  EXPECT_EQ(toString(blob.takeError()), "the code depends on its address");
}

TEST_F(ModuleCompilerTest, vectorQualityVectorizes) {
  Type *word = builder->getInt64Ty();
  Function *entry = begin("entry", word, {builder->getPtrTy(), word});
  BasicBlock *before = builder->GetInsertBlock();
  BasicBlock *loop = BasicBlock::Create(module->getContext(), "", entry);
  BasicBlock *end = BasicBlock::Create(module->getContext(), "", entry);
  builder->CreateBr(loop);
  builder->SetInsertPoint(loop);
  PHINode *index = builder->CreatePHI(word, 2);
  PHINode *sum = builder->CreatePHI(word, 2);
  Value *element = builder->CreateLoad(word, builder->CreateGEP(word, entry->getArg(0), index));
  Value *nextSum = builder->CreateAdd(sum, element);
  Value *next = builder->CreateAdd(index, builder->getInt64(1));
  index->addIncoming(builder->getInt64(0), before);
  index->addIncoming(next, loop);
  sum->addIncoming(builder->getInt64(0), before);
  sum->addIncoming(nextSum, loop);
  builder->CreateCondBr(builder->CreateICmpSLT(next, entry->getArg(1)), loop, end);
  builder->SetInsertPoint(end);
  builder->CreateRet(nextSum);
  std::string ir;
  std::string assembly;
  auto *function = install<int64_t(const int64_t *, int64_t)>(
      cantFail(compile(FUSEVM_QUALITY_VECTOR, {&ir, &assembly})));
  EXPECT_THAT(ir, HasSubstr(" x i64>"));
  EXPECT_THAT(assembly, HasSubstr("entry:"));
  std::vector<int64_t> words(101);
  for (size_t place = 0; place != words.size(); ++place)
    words[place] = static_cast<int64_t>(place);
  EXPECT_EQ(function(words.data(), 101), 5050);
}

TEST_F(ModuleCompilerTest, oneCompilerMakesManyModules) {
  for (uint64_t count = 0; count != 1000; ++count) {
    renewModule();
    Function *entry = begin("entry", builder->getInt64Ty(), {builder->getInt64Ty()});
    builder->CreateRet(builder->CreateAdd(entry->getArg(0), builder->getInt64(count)));
    Blob blob = cantFail(compile(qualities[count % 3]));
    if (count % 100 < 3) {
      EXPECT_EQ(install<uint64_t(uint64_t)>(std::move(blob))(1), count + 1);
    } else {
      cantFail(blob.tracker->remove());
    }
  }
}

TEST_F(ModuleCompilerTest, largeModulesTakeLinearTime) {
  // Only that it works is checked here; the benchmark shows the time.
  Function *entry = begin("entry", builder->getInt64Ty(), {builder->getInt64Ty()});
  Value *value = entry->getArg(0);
  uint64_t expected = 3;
  for (uint64_t count = 0; count != 5000; ++count) {
    value = builder->CreateXor(builder->CreateMul(value, builder->getInt64(count | 1)),
                               builder->getInt64(count));
    expected = (expected * (count | 1)) ^ count;
  }
  builder->CreateRet(value);
  EXPECT_EQ(install<uint64_t(uint64_t)>(cantFail(compile(FUSEVM_QUALITY_QUICK)))(3), expected);
}

} // namespace
