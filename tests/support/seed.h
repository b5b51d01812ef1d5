// The seed of a randomised test. Failures print it; WEIR_TEST_SEED=N runs that one again.
//
//     const Seed seed;
//     SCOPED_TRACE(seed.text());
//     std::mt19937_64 random(seed.value());
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace weir::test {

class Seed {
 public:
  Seed() {
    // Read before any thread starts.
    const char* const chosen = std::getenv("WEIR_TEST_SEED");  // NOLINT(concurrency-mt-unsafe)
    value_ = chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : std::random_device{}();
  }

  [[nodiscard]] std::uint64_t value() const { return value_; }
  [[nodiscard]] std::string text() const { return "WEIR_TEST_SEED=" + std::to_string(value_); }

 private:
  std::uint64_t value_;
};

}  // namespace weir::test
