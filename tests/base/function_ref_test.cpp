#include "weir/base/function_ref.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace weir {
namespace {

int call(FunctionRef<int(int)> function) { return function(20); }

TEST(FunctionRef, CallsTheLambdaItRefersTo) {
  int calls = 0;

  const int result = call([&calls](int value) {
    ++calls;
    return value + 1;
  });

  EXPECT_EQ(result, 21);
  EXPECT_EQ(calls, 1);
}

TEST(FunctionRef, RefersToConstAndMutableObjects) {
  const auto constant = [](int value) { return value; };
  auto counter = [count = 0](int value) mutable { return value + ++count; };

  EXPECT_EQ(call(constant), 20);
  EXPECT_EQ(call(counter), 21);
  EXPECT_EQ(call(counter), 22) << "the object itself is called, not a copy";
}

TEST(FunctionRef, PassesReferencesAndMoveOnlyArgumentsThrough) {
  std::string text;
  const auto append = [](std::string& target, std::unique_ptr<int> value) {
    target += std::to_string(*value);
  };
  const FunctionRef<void(std::string&, std::unique_ptr<int>)> function = append;

  function(text, std::make_unique<int>(7));

  EXPECT_EQ(text, "7");
}

}  // namespace
}  // namespace weir
