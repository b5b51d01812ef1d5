#include "weir/base/bytes.h"

#include <array>
#include <cstdint>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace weir {
namespace {

using testing::ElementsAre;

constexpr std::byte b(int value) { return static_cast<std::byte>(value); }

constexpr std::array wire{b(0x01), b(0x23), b(0x45), b(0x67), b(0x89), b(0xab), b(0xcd), b(0xef)};

static_assert(load_be<std::uint8_t>(wire.data()) == 0x01);
static_assert(load_be<std::uint16_t>(wire.data()) == 0x0123);
static_assert(load_be<std::uint32_t>(wire.data()) == 0x01234567);
static_assert(load_be<std::uint64_t>(wire.data()) == 0x0123456789abcdef);
static_assert(load_le<std::uint16_t>(wire.data()) == 0x2301);
static_assert(load_le<std::uint32_t>(wire.data()) == 0x67452301);
static_assert(load_le<std::uint64_t>(wire.data()) == 0xefcdab8967452301);

constexpr auto stored_be = [] {
  std::array<std::byte, 4> out{};
  store_be<std::uint32_t>(out.data(), 0x01234567);
  return out;
}();
static_assert(stored_be == std::array{b(0x01), b(0x23), b(0x45), b(0x67)});

TEST(Bytes, LoadsAtRunTimeWhatItLoadsAtCompileTime) {
  const std::span<const std::byte> bytes(wire);

  EXPECT_EQ(load_be<std::uint8_t>(bytes), 0x01);
  EXPECT_EQ(load_be<std::uint16_t>(bytes), 0x0123);
  EXPECT_EQ(load_be<std::uint32_t>(bytes), 0x01234567u);
  EXPECT_EQ(load_be<std::uint64_t>(bytes), 0x0123456789abcdefu);
  EXPECT_EQ(load_le<std::uint16_t>(bytes), 0x2301);
  EXPECT_EQ(load_le<std::uint32_t>(bytes), 0x67452301u);
  EXPECT_EQ(load_le<std::uint64_t>(bytes), 0xefcdab8967452301u);
}

TEST(Bytes, StoresInWireOrder) {
  std::array<std::byte, 4> out{};

  store_be<std::uint16_t>(std::span(out).first(2), 0x0102);
  store_le<std::uint16_t>(std::span(out).last(2), 0x0102);

  EXPECT_THAT(out, ElementsAre(b(1), b(2), b(2), b(1)));
}

template <class T>
void round_trip(std::mt19937_64& random) {
  std::array<std::byte, 16> memory{};
  for (std::size_t offset = 0; offset < 8; ++offset) {
    const auto value = static_cast<T>(random());

    store_be<T>(memory.data() + offset, value);
    EXPECT_EQ(load_be<T>(memory.data() + offset), value);
    store_le<T>(memory.data() + offset, value);
    EXPECT_EQ(load_le<T>(memory.data() + offset), value);
  }
}

TEST(Bytes, RoundTripAtEveryAlignment) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());

  for (int i = 0; i < 100; ++i) {
    round_trip<std::uint8_t>(random);
    round_trip<std::uint16_t>(random);
    round_trip<std::uint32_t>(random);
    round_trip<std::uint64_t>(random);
  }
}

TEST(Bytes, TextAndBytesAreTheSameMemory) {
  const std::string_view text = "weir";

  const std::span<const std::byte> bytes = as_bytes(text);

  EXPECT_EQ(static_cast<const void*>(bytes.data()), text.data());
  EXPECT_EQ(as_text(bytes), text);
  EXPECT_TRUE(as_text({}).empty());
  EXPECT_TRUE(as_bytes("").empty());
}

TEST(BytesDeathTest, ASpanThatIsTooShortIsABug) {
  const std::span<const std::byte> three = std::span(wire).first(3);

  EXPECT_DEATH(static_cast<void>(load_be<std::uint32_t>(three)), "assertion failed");
}

}  // namespace
}  // namespace weir
