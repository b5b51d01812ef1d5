// Assertions: always on, for our own bugs only. What a peer, the kernel or a user can cause is a
// `Result`, never an assert.
//
// A failed assertion prints one line to stderr and aborts:
//
//     weir: assertion failed: refs > 0 at slab.h:80 (release)
#pragma once

namespace weir::detail {

/// Prints the line above and aborts.
[[noreturn, gnu::cold, gnu::noinline]] void assertion_failed(const char* condition,
                                                             const char* file, int line,
                                                             const char* function) noexcept;

/// Prints "weir: fatal: `message`" and aborts. For ends that have no condition to show: no memory
/// left, buffers that outlive their pool.
[[noreturn, gnu::cold, gnu::noinline, gnu::format(printf, 1, 2)]] void fatal(const char* message,
                                                                             ...) noexcept;

}  // namespace weir::detail

/// Aborts when `...` is false, in every build. Variadic so that a condition may contain commas.
#define WEIR_ASSERT(...)          \
  (static_cast<bool>(__VA_ARGS__) \
       ? static_cast<void>(0)     \
       : ::weir::detail::assertion_failed(#__VA_ARGS__, __FILE__, __LINE__, __func__))

/// As WEIR_ASSERT, for checks that walk a structure: debug and sanitizer builds only.
#ifdef WEIR_SLOW_ASSERTS
#define WEIR_ASSERT_SLOW(...) WEIR_ASSERT(__VA_ARGS__)
#else
#define WEIR_ASSERT_SLOW(...) static_cast<void>(sizeof(static_cast<bool>(__VA_ARGS__)))
#endif

/// Marks a place no execution reaches; aborts if one does.
#define WEIR_UNREACHABLE() \
  ::weir::detail::assertion_failed("unreachable", __FILE__, __LINE__, __func__)
