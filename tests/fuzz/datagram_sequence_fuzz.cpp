// Properties: a header that is accepted is the only way to write what it says; and whatever numbers
// and times arrive, the counts are those of the model that remembers every number.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/datagram_sequence_model.h"
#include "weir/protocols/datagram_header.h"
#include "weir/protocols/datagram_sequence.h"

namespace datagram_sequence_fuzz {
namespace {

using weir::protocols::DatagramHeader;
using weir::protocols::DatagramSequence;
using weir::protocols::DatagramSequenceOptions;
using weir::test::FuzzInput;
using weir::test::require;

void decode(std::span<const std::byte> datagram) {
  const auto header = DatagramHeader::decode(datagram);
  if (!header) return;
  require(std::ranges::equal(header->encoded(), datagram.first(DatagramHeader::wire_bytes)));
}

std::uint64_t wide_number(FuzzInput& input) {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | input.byte();
  return number;
}

// The next number, one near it, or any.
std::uint64_t choose_number(std::uint64_t next, std::uint8_t choice, FuzzInput& input) {
  switch (choice % 6) {
    case 0:
      return next + input.byte();
    case 1:
      return next - input.byte();
    case 2:
      return next + (std::uint64_t{1} << input.byte() % 64);
    case 3:
      return wide_number(input);
    case 4:
      return next - choice / 6;
    default:
      return next;
  }
}

void check_times(const DatagramSequence& sequence) {
  const auto& times = sequence.transit_times();
  require(times.count() == sequence.counts().unique);
  require(times.min() <= times.mean() && times.mean() <= times.max());
  require(times.max() - times.min() >= std::chrono::nanoseconds::zero());
  require(times.jitter() >= std::chrono::nanoseconds::zero());
}

void count(FuzzInput input, std::size_t size) {
  DatagramSequenceOptions options{.window_datagrams = 64u << input.byte() % 3};
  if (input.flag()) {
    options.first_sequence = std::min(wide_number(input), DatagramHeader::sequence_max);
  }
  auto sequence = DatagramSequence::create(options).value();
  weir::test::DatagramSequenceModel model(options);
  // The model takes as long for a datagram as there were before it.
  for (std::size_t step = 0; step < std::min<std::size_t>(size, 1000); ++step) {
    const std::uint8_t choice = input.byte();
    const std::uint64_t number = choose_number(sequence.next_sequence(), choice, input);
    if (choice >= 250) {
      sequence.give_up_before(number);
      model.give_up_before(number);
    } else {
      const auto send_time = static_cast<std::int64_t>(number * 0x9E3779B97F4A7C15u);
      const auto arrival =
          sequence.receive({.sequence = number, .send_time = std::chrono::nanoseconds(send_time)},
                           std::chrono::nanoseconds(static_cast<std::int64_t>(step)));
      require(arrival == model.receive(number));
    }
    if (step % 32 == 0) require(sequence.counts() == model.counts());
  }
  require(sequence.counts() == model.counts());
  check_times(sequence);
  const std::uint64_t expected = sequence.counts().expected();
  sequence.finish();
  require(sequence.counts().pending == 0 && sequence.counts().expected() == expected);
}

}  // namespace

WEIR_FUZZ_TARGET(datagram_sequence)(const std::uint8_t* bytes, std::size_t size) {
  decode(std::as_bytes(std::span(bytes, size)));
  count(FuzzInput(bytes, size), size);
  return 0;
}

}  // namespace datagram_sequence_fuzz
