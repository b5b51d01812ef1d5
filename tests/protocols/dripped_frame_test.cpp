// A frame that arrives byte by byte is looked at once: the memory behind the place where the last
// byte arrived is taken away from the reader, so that whoever looks at it again crashes. A search
// from the front for each byte would be quadratic, and a gift to whoever drips.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/wire_text.h"
#include "weir/base/buffer.h"
#include "weir/protocols/cobs.h"
#include "weir/protocols/delimiter.h"
#include "weir/protocols/json_header.h"
#include "weir/protocols/length_prefix.h"
#include "weir/protocols/line.h"
#include "weir/protocols/varint_prefix.h"

namespace weir::protocols {
namespace {

using test::hex;

constexpr std::size_t payload_bytes = std::size_t{1} << 20;

/// Memory that a stream arrives in. Readable are the page of the last byte and the one before it: a
/// delimiter may have begun there.
class VanishingMemory {
 public:
  explicit VanishingMemory(std::size_t size) : size_(size), page_bytes_(page_bytes()) {
    void* const mapped =
        ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) std::abort();
    memory_ = static_cast<std::byte*>(mapped);
    slab_.lend({memory_, size_});
  }
  VanishingMemory(const VanishingMemory&) = delete;
  VanishingMemory& operator=(const VanishingMemory&) = delete;
  ~VanishingMemory() { ::munmap(memory_, size_); }

  /// The next byte, the neighbour of the one before.
  [[nodiscard]] Buffer arrive(char byte) {
    const std::size_t at = arrived_++;
    memory_[at] = static_cast<std::byte>(byte);
    if (at % page_bytes_ == 0 && at >= 2 * page_bytes_) {
      protect(memory_ + at - 2 * page_bytes_, page_bytes_, PROT_NONE);
    }
    return slab_.buffer().slice(at, 1);
  }

  void come_back() { protect(memory_, size_, PROT_READ | PROT_WRITE); }

 private:
  static std::size_t page_bytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }
  static void protect(std::byte* memory, std::size_t size, int protection) {
    if (::mprotect(memory, size, protection) != 0) std::abort();
  }

  std::size_t size_;
  std::size_t page_bytes_;
  std::byte* memory_ = nullptr;
  BorrowedSlab slab_;
  std::size_t arrived_ = 0;
};

/// Drips all of `wire` but its last byte, lets the memory come back, and gives that one.
template <typename C>
void check_dripped(C codec, std::string_view wire) {
  VanishingMemory memory(std::size_t{2} << 20);
  ASSERT_LT(wire.size(), std::size_t{2} << 20);
  Chain input;
  for (const char byte : wire.substr(0, wire.size() - 1)) {
    input.append(memory.arrive(byte));
    const auto frame = codec.decode(input);
    ASSERT_TRUE(frame.has_value() && !*frame) << input.size();
  }
  ASSERT_EQ(input.buffer_count(), 1U);  // so that a search from its front would be the easy way
  memory.come_back();

  input.append(memory.arrive(wire.back()));
  const auto frame = codec.decode(input);

  ASSERT_TRUE(frame.has_value() && *frame);
  EXPECT_TRUE(input.empty());
}

const std::string& payload() {
  static const std::string bytes(payload_bytes, 'x');
  return bytes;
}

TEST(DrippedFrame, LineIsSearchedOnce) {
  for (const LineEnd line_end : {LineEnd::lf_or_crlf, LineEnd::lf, LineEnd::crlf}) {
    check_dripped(Line::create({.line_bytes_max = payload_bytes + 1, .line_end = line_end}).value(),
                  payload() + "\r\n");
  }
}

TEST(DrippedFrame, DelimitersAreSearchedOnce) {
  for (const char* const delimiter : {"\r\n\r\n", ";", "xy", "xxxxxxxy"}) {
    SCOPED_TRACE(delimiter);
    check_dripped(
        Delimiter::create({.delimiters = {delimiter, "--"}, .frame_bytes_max = payload_bytes})
            .value(),
        payload() + delimiter);
  }
}

TEST(DrippedFrame, CobsIsSearchedOnce) {
  std::string wire;
  for (std::size_t bytes = 0; bytes < payload_bytes; bytes += 254) {
    wire += '\xFF' + std::string(254, 'x');
  }
  wire += '\0';

  check_dripped(Cobs::create({.payload_bytes_max = 2 * payload_bytes}).value(), wire);
}

TEST(DrippedFrame, NobodyLooksIntoAPayloadWhoseLengthIsKnown) {
  const std::size_t limit = 2 * payload_bytes;
  check_dripped(LengthPrefix::create({.frame_bytes_max = limit}).value(),
                hex("00100000") + payload());
  check_dripped(VarintPrefix({.payload_bytes_max = limit}), hex("808040") + payload());
  check_dripped(JsonHeader({.header_bytes_max = 64, .payload_bytes_max = limit}),
                hex("J'{\"data_size\": 1048576}'") + payload());
}

}  // namespace
}  // namespace weir::protocols
