// weir_gate_kernels: each codec kernel a fixed number of times, for callgrind to count its
// instructions. Prints JSON with how many frames each pass of a kernel takes.
//
// Each runs twice: the first pass warms up pools and allocators, the second is the one to count.
// Callgrind is told where each begins and ends by requests in the code (valgrind/callgrind.h),
// which do nothing without it: its options that name functions are too unreliable (3.19 obeys one
// of two for the same function).
#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <valgrind/callgrind.h>

#include "bench/gates/build_text.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/bytes.h"
#include "weir/base/chain.h"
#include "weir/protocols/cobs.h"
#include "weir/protocols/crc32c.h"
#include "weir/protocols/deframer.h"
#include "weir/protocols/delimiter.h"
#include "weir/protocols/length_prefix.h"
#include "weir/protocols/line.h"
#include "weir/protocols/varint_prefix.h"

namespace weir::gates {
namespace {

using protocols::Cobs;
using protocols::Deframer;
using protocols::Delimiter;
using protocols::FrameView;
using protocols::LengthPrefix;
using protocols::Line;
using protocols::VarintPrefix;

constexpr std::size_t wire_bytes = std::size_t{1} << 16;
constexpr std::size_t frame_bytes_max = std::size_t{1} << 20;
constexpr std::size_t payload_bytes = 64;
constexpr std::size_t line_bytes = 80;
constexpr std::size_t encoded_frames = 900;
constexpr std::size_t kib = 1024;

/// What no compiler may throw away.
void keep(const void* value) { asm volatile("" : : "g"(value) : "memory"); }

template <typename C>
std::size_t take_borrowed(Deframer<C>& deframer, const Buffer& wire) {
  Chain inbox(wire.share());
  std::size_t frames = 0;
  while (!inbox.empty()) {
    auto batch = deframer.batch(inbox);
    for (const FrameView frame : batch) {
      keep(frame.data());
      ++frames;
    }
    if (batch.error()) break;
  }
  return frames;
}

template <typename C>
std::size_t take_owned(Deframer<C>& deframer, const Buffer& wire) {
  Chain inbox(wire.share());
  for (std::size_t frames = 0;; ++frames) {
    const auto frame = deframer.next(inbox);
    if (!frame || !*frame) return frames;
    keep(&**frame);
  }
}

template <typename C>
std::size_t decode_one(C& codec, const Chain& wire) {
  Chain inbox = wire.share();
  const auto frame = codec.decode(inbox);
  keep(&frame);
  return frame && *frame ? 1 : 0;
}

template <typename C>
std::size_t encode_copied(const C& codec, std::span<const std::byte> payload) {
  Chain queue;
  std::size_t frames = 0;
  for (std::size_t i = 0; i < encoded_frames; ++i) {
    frames += codec.encode(payload, queue).has_value() ? 1U : 0U;
  }
  keep(&queue);
  return frames;
}

/// A wire full of one unit of bytes, over and over.
Buffer repeated(BufferPool& pool, const std::string& unit) {
  const std::size_t count = wire_bytes / unit.size();
  Buffer wire = pool.allocate(count * unit.size()).value();
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(wire.writable().data() + i * unit.size(), unit.data(), unit.size());
  }
  return wire;
}

struct Kernel {
  std::string name;
  std::size_t frames;  ///< a pass has to find
  std::function<std::size_t()> run;
};

std::string prefixed(const std::string& prefix, std::size_t size) {
  return prefix + std::string(size, 'x');
}

std::vector<Kernel> length_prefix_kernels(BufferPool& pool, std::span<const std::byte> payload) {
  const std::string frame = prefixed(std::string{'\0', '\0', '\0', payload_bytes}, payload_bytes);
  const std::size_t frames = wire_bytes / frame.size();
  const LengthPrefix codec = LengthPrefix::create({.frame_bytes_max = frame_bytes_max}).value();
  auto wire = std::make_shared<Buffer>(repeated(pool, frame));
  auto deframer = std::make_shared<Deframer<LengthPrefix>>(codec);
  return {
      {"length_prefix_borrowed", frames, [=] { return take_borrowed(*deframer, *wire); }},
      {"length_prefix_owned", frames, [=] { return take_owned(*deframer, *wire); }},
      {"length_prefix_encode", encoded_frames, [=] { return encode_copied(codec, payload); }},
  };
}

std::vector<Kernel> varint_kernels(BufferPool& pool, std::span<const std::byte> payload) {
  const std::string frame = prefixed(std::string{payload_bytes}, payload_bytes);
  const VarintPrefix codec({.payload_bytes_max = frame_bytes_max});
  auto wire = std::make_shared<Buffer>(repeated(pool, frame));
  auto deframer = std::make_shared<Deframer<VarintPrefix>>(codec);
  return {
      {"varint_borrowed", wire_bytes / frame.size(),
       [=] { return take_borrowed(*deframer, *wire); }},
      {"varint_encode", encoded_frames, [=] { return encode_copied(codec, payload); }},
  };
}

std::vector<Kernel> text_kernels(BufferPool& pool) {
  const std::string line = std::string(line_bytes - 1, 'x') + '\n';
  const std::string head = std::string(line_bytes - 4, 'x') + "\r\n\r\n";
  auto lines = std::make_shared<Buffer>(repeated(pool, line));
  auto heads = std::make_shared<Buffer>(repeated(pool, head));
  auto by_line =
      std::make_shared<Deframer<Line>>(Line::create({.line_bytes_max = frame_bytes_max}).value());
  auto by_delimiter = std::make_shared<Deframer<Delimiter>>(
      Delimiter::create({.delimiters = {"\r\n\r\n"}, .frame_bytes_max = frame_bytes_max}).value());
  return {
      {"line_borrowed", wire_bytes / line_bytes, [=] { return take_borrowed(*by_line, *lines); }},
      {"delimiter_borrowed", wire_bytes / line_bytes,
       [=] { return take_borrowed(*by_delimiter, *heads); }},
  };
}

std::vector<Kernel> byte_kernels(std::span<const std::byte> bytes) {
  auto codec = std::make_shared<Cobs>(Cobs::create({.payload_bytes_max = wire_bytes}).value());
  auto wire = std::make_shared<Chain>();
  const Result<void> encoded = codec->encode(Chain(Buffer::copy_of(bytes.first(kib))), *wire);
  // By the CPU's instruction where it has one: not to be counted.
  const std::uint32_t crc = protocols::crc32c(bytes.first(kib));
  return {
      {"cobs_decode", encoded ? 1U : 0U, [=] { return decode_one(*codec, *wire); }},
      {"crc32c_portable", 1,
       [=] { return protocols::crc32c_portable(bytes.first(kib)) == crc ? 1U : 0U; }},
  };
}

/// False if a kernel did not find what is there.
bool run_all(std::span<const Kernel> kernels) {
  for (const Kernel& kernel : kernels) {
    for (int pass = 0; pass < 2; ++pass) {
      CALLGRIND_ZERO_STATS;
      const std::size_t frames = kernel.run();
      CALLGRIND_DUMP_STATS_AT(kernel.name.c_str());
      if (frames == kernel.frames && frames != 0) continue;
      std::fprintf(stderr, "weir_gate_kernels: %s found %zu of %zu frames\n", kernel.name.c_str(),
                   frames, kernel.frames);
      return false;
    }
  }
  return true;
}

int run_and_print(BufferPool& pool) {
  std::vector<std::byte> bytes(kib);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 167 + i / 7);
  const std::span<const std::byte> payload = std::span(bytes).first(payload_bytes);
  std::vector<Kernel> kernels;
  for (const auto& some : {length_prefix_kernels(pool, payload), varint_kernels(pool, payload),
                           text_kernels(pool), byte_kernels(bytes)}) {
    kernels.insert(kernels.end(), some.begin(), some.end());
  }
  nlohmann::ordered_json frames = nlohmann::ordered_json::object();
  for (const Kernel& kernel : kernels) frames[kernel.name] = kernel.frames;
  if (!run_all(kernels)) return 1;
  const nlohmann::ordered_json report{{"build", build_text}, {"frames", frames}};
  std::cout << report.dump(2) << '\n';
  return 0;
}

}  // namespace
}  // namespace weir::gates

int main() {
  weir::BufferPool pool;
  pool.make_current();
  const int status = weir::gates::run_and_print(pool);
  pool.clear_current();
  return status;
}
