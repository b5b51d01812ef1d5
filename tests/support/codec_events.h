// What a codec makes of a stream, as a list of events, however the stream is cut:
//
//     "616263" a frame    "-" an empty one    "E:too_long" an error    "~2" two bytes wait
//
// The heart of the codecs' tests and of their fuzz targets, which know no test framework. The rule
// that all codecs keep (`first_difference`): the events are a function of the bytes alone. Neither
// how the frames are asked for nor where the bytes lie matters (`Way`).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "tests/support/wire_text.h"
#include "weir/base/buffer.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/bytes.h"
#include "weir/base/chain.h"
#include "weir/base/error.h"
#include "weir/base/slab_cursor.h"
#include "weir/protocols/codec.h"
#include "weir/protocols/deframer.h"

namespace weir::test {

using Events = std::vector<std::string>;

/// How the frames are asked for.
enum class Taking {
  owned,     ///< `next`: each frame for itself
  borrowed,  ///< `batch` and its `next`: views, where the codec has them
  walked     ///< `batch` in a range-for, which finds usual frames by itself
};

/// Where what arrives lies, if this thread has a pool. Without one each read is a heap block.
enum class Seams {
  closed,  ///< as a stream receives: one read behind the other, which is one buffer up to the end
           ///< of the slab
  open     ///< a byte of nobody's between them, so that each read is a buffer
};

/// One way to come by the frames.
struct Way {
  Taking taking = Taking::owned;
  Seams seams = Seams::open;

  [[nodiscard]] std::string text() const {
    static constexpr std::array<const char*, 3> names = {"owned", "borrowed", "walked"};
    return std::string(names[static_cast<std::size_t>(taking)]) +
           (BufferPool::current() == nullptr ? ", on the heap"
            : seams == Seams::closed         ? ", in one piece of a slab"
                                             : ", in pieces of a slab");
  }
};

/// All that differ: without a pool the seams are open.
[[nodiscard]] inline std::span<const Way> ways() {
  static constexpr std::array all = {
      Way{Taking::owned, Seams::open},      Way{Taking::borrowed, Seams::open},
      Way{Taking::walked, Seams::open},     Way{Taking::owned, Seams::closed},
      Way{Taking::borrowed, Seams::closed}, Way{Taking::walked, Seams::closed}};
  return std::span(all).first(BufferPool::current() == nullptr ? 3 : 6);
}

[[nodiscard]] inline std::string event_of(std::error_code error) {
  static constexpr std::array<std::pair<Error, const char*>, 14> names = {{
      {Error::frame_too_large, "E:too_long"},
      {Error::frame_too_small, "E:short"},
      {Error::frame_malformed, "E:malformed"},
      {Error::length_negative, "E:negative"},
      {Error::length_not_minimal, "E:overlong"},
      {Error::length_overflow, "E:overflow"},
      {Error::checksum_mismatch, "E:crc"},
      {Error::text_not_utf8, "E:utf8"},
      {Error::header_size_invalid, "E:header_len"},
      {Error::header_malformed, "E:header_json"},
      {Error::header_key_duplicate, "E:dup_key"},
      {Error::payload_size_invalid, "E:data_size"},
      {Error::end_of_stream, "E:trunc"},
      {Error::pool_exhausted, "E:pool"},
  }};
  for (const auto& [code, name] : names) {
    if (error == code) return name;
  }
  return "E:" + error.message();
}

template <typename Frame>
[[nodiscard]] std::string event_of_frame(const Frame& frame) {
  if constexpr (requires { frame.payload.to_string(); }) {
    return frame.payload.empty() ? "-" : to_hex(frame.payload.to_string());
  } else {
    return frame.empty() ? "-" : to_hex(frame.to_string());
  }
}

/// Feeds one stream to one codec and notes what comes.
template <protocols::Codec C>
class EventRecorder {
 public:
  EventRecorder(C codec, Way way) : deframer_(std::move(codec)), way_(way) {
    if (BufferPool* const pool = BufferPool::current()) slabs_.emplace(*pool);
  }

  /// `bytes` arrive in one read.
  void receive(std::string_view bytes) {
    if (deframer_.has_ended()) return;
    append(as_bytes(bytes));
    if constexpr (protocols::ViewCodec<C>) {
      if (way_.taking == Taking::borrowed) return take_views();
      if (way_.taking == Taking::walked) return walk_over_views();
    }
    while (note(deframer_.next(inbox_))) {
    }
  }

  /// The peer ends the stream.
  void end() {
    if (!deframer_.has_ended()) note(deframer_.finish(inbox_));
  }

  /// All events, with what waits at last.
  [[nodiscard]] Events events() const {
    Events events = events_;
    if (!deframer_.has_ended() && !inbox_.empty()) {
      events.push_back("~" + std::to_string(inbox_.size()));
    }
    return events;
  }

  [[nodiscard]] protocols::Deframer<C>& deframer() { return deframer_; }

 private:
  // As a stream's receive source does. A pool that is exhausted is the heap's case.
  void append(std::span<const std::byte> bytes) {
    while (slabs_ && !bytes.empty()) {
      const std::span<std::byte> room = slabs_->tail();
      if (room.empty()) break;
      const std::size_t count = std::min(room.size(), bytes.size());
      std::memcpy(room.data(), bytes.data(), count);
      inbox_.append(slabs_->take(count));
      bytes = bytes.subspan(count);
    }
    if (!bytes.empty()) inbox_.append(Buffer::copy_of(bytes));
    if (slabs_ && way_.seams == Seams::open && !slabs_->tail().empty()) (void)slabs_->take(1);
  }

  template <typename Frame>
  bool note(const Result<std::optional<Frame>>& frame) {
    if (!frame) {
      events_.push_back(event_of(frame.error()));
      return !deframer_.has_ended();
    }
    if (*frame) events_.push_back(event_of_frame(**frame));
    return frame->has_value();
  }

  static constexpr std::size_t batch_frames_max = 3;

  void walk_over_views() {
    bool is_more = true;
    while (is_more) {
      auto batch = deframer_.batch(inbox_, batch_frames_max);
      for (const protocols::FrameView frame : batch) events_.push_back(event_of_frame(frame));
      if (batch.error()) events_.push_back(event_of(batch.error()));
      is_more = (batch.error() && !deframer_.has_ended()) || batch.is_full();
    }
  }

  void take_views() {
    for (;;) {
      auto batch = deframer_.batch(inbox_, batch_frames_max);
      while (note(batch.next())) {
      }
      if (!batch.is_full()) return;
    }
  }

  std::optional<SlabCursor> slabs_;
  protocols::Deframer<C> deframer_;
  Way way_;
  Chain inbox_;
  Events events_;
};

/// The events of a fresh codec that receives `reads`.
template <typename MakeCodec>
[[nodiscard]] Events events_of(MakeCodec& make, const std::vector<std::string>& reads,
                               bool is_ended, Way way = {}) {
  EventRecorder recorder(make(), way);
  for (const std::string& read : reads) recorder.receive(read);
  if (is_ended) recorder.end();
  return recorder.events();
}

[[nodiscard]] inline std::string joined(const Events& events) {
  std::string text;
  for (const std::string& event : events) text += (text.empty() ? "" : " ") + event;
  return text;
}

/// Compares what comes of `bytes` byte by byte with what comes of them whole and cut in two, at
/// each place (long streams: at some), in each way. \returns a description of the first difference.
template <typename MakeCodec>
[[nodiscard]] std::optional<std::string> first_difference(MakeCodec& make, const std::string& bytes,
                                                          bool is_ended) {
  std::vector<std::string> single;
  for (const char byte : bytes) single.emplace_back(1, byte);
  const Events expected = events_of(make, single, is_ended);
  const auto differs = [&](const std::vector<std::string>& reads,
                           Way way) -> std::optional<std::string> {
    const Events found = events_of(make, reads, is_ended, way);
    if (found == expected) return std::nullopt;
    return "cut at " + std::to_string(reads[0].size()) + ", " + way.text() + ": " + joined(found) +
           "; byte by byte: " + joined(expected);
  };

  const std::size_t step = bytes.size() / 1024 + 1;
  for (const Way way : ways()) {
    if (auto difference = differs({bytes}, way)) return difference;
    for (std::size_t cut = 1; cut < bytes.size(); cut += cut < 64 ? 1 : step) {
      if (auto difference = differs({bytes.substr(0, cut), bytes.substr(cut)}, way)) {
        return difference;
      }
    }
    if (auto difference = differs(single, way)) return difference;
  }
  return std::nullopt;
}

}  // namespace weir::test
