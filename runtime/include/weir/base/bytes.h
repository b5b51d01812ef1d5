// Integers in wire order, and text as bytes. No alignment is needed anywhere; each load or store
// compiles to one instruction (with a byte swap where the orders differ).
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "weir/base/assert.h"

namespace weir {

namespace detail {

/// Reads a `T` stored at `source` in byte order `Order`.
template <std::unsigned_integral T, std::endian Order>
[[nodiscard]] constexpr T load(const std::byte* source) noexcept {
  if consteval {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      const std::size_t at = Order == std::endian::big ? i : sizeof(T) - 1 - i;
      value = value << 8 | std::to_integer<std::uint64_t>(source[at]);
    }
    return static_cast<T>(value);
  } else {
    T value;
    std::memcpy(&value, source, sizeof value);
    return Order == std::endian::native ? value : std::byteswap(value);
  }
}

/// Writes `value` at `target` in byte order `Order`.
template <std::endian Order, std::unsigned_integral T>
constexpr void store(std::byte* target, T value) noexcept {
  if consteval {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      const std::size_t at = Order == std::endian::little ? i : sizeof(T) - 1 - i;
      target[at] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i));
    }
  } else {
    const T wire = Order == std::endian::native ? value : std::byteswap(value);
    std::memcpy(target, &wire, sizeof wire);
  }
}

}  // namespace detail

/// Loads a big-endian (network order) integer. The pointer form trusts that `sizeof(T)` bytes are
/// there; the span form asserts it.
template <std::unsigned_integral T>
[[nodiscard]] constexpr T load_be(const std::byte* source) noexcept {
  return detail::load<T, std::endian::big>(source);
}
template <std::unsigned_integral T>
[[nodiscard]] constexpr T load_be(std::span<const std::byte> source) noexcept {
  WEIR_ASSERT(source.size() >= sizeof(T));
  return detail::load<T, std::endian::big>(source.data());
}

/// Loads a little-endian integer; pointer and span as for `load_be`.
template <std::unsigned_integral T>
[[nodiscard]] constexpr T load_le(const std::byte* source) noexcept {
  return detail::load<T, std::endian::little>(source);
}
template <std::unsigned_integral T>
[[nodiscard]] constexpr T load_le(std::span<const std::byte> source) noexcept {
  WEIR_ASSERT(source.size() >= sizeof(T));
  return detail::load<T, std::endian::little>(source.data());
}

/// Stores a big-endian integer. The type is named, never deduced: the wire width should be
/// readable at the call, `store_be<std::uint16_t>(out, length)`.
template <std::unsigned_integral T>
constexpr void store_be(std::byte* target, std::type_identity_t<T> value) noexcept {
  detail::store<std::endian::big, T>(target, value);
}
template <std::unsigned_integral T>
constexpr void store_be(std::span<std::byte> target, std::type_identity_t<T> value) noexcept {
  WEIR_ASSERT(target.size() >= sizeof(T));
  detail::store<std::endian::big, T>(target.data(), value);
}

/// Stores a little-endian integer; pointer and span as for `store_be`.
template <std::unsigned_integral T>
constexpr void store_le(std::byte* target, std::type_identity_t<T> value) noexcept {
  detail::store<std::endian::little, T>(target, value);
}
template <std::unsigned_integral T>
constexpr void store_le(std::span<std::byte> target, std::type_identity_t<T> value) noexcept {
  WEIR_ASSERT(target.size() >= sizeof(T));
  detail::store<std::endian::little, T>(target.data(), value);
}

/// The bytes of `text`, borrowed.
[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span(text));
}

/// `bytes` as text, borrowed; nothing is checked or converted.
[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace weir
