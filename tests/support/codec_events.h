// What a codec makes of a stream, as a list of events, however the stream is cut:
//
//     "616263" a frame    "-" an empty one    "E:too_long" an error    "~2" two bytes wait
//
// The heart of the codecs' tests and of their fuzz targets, which know no test framework. The rule
// that all codecs keep (`first_difference`): the events are a function of the bytes alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "tests/support/wire_text.h"
#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/chain.h"
#include "weir/base/error.h"
#include "weir/protocols/codec.h"
#include "weir/protocols/deframer.h"

namespace weir::test {

using Events = std::vector<std::string>;

/// How the frames are asked for.
enum class Taking {
  owned,     ///< `next`: each frame for itself
  borrowed,  ///< `batch`: views, where the codec has them
};

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
  EventRecorder(C codec, Taking taking) : deframer_(std::move(codec)), taking_(taking) {}

  /// `bytes` arrive, in a buffer of their own.
  void receive(std::string_view bytes) {
    if (deframer_.has_ended()) return;
    inbox_.append(Buffer::copy_of(as_bytes(bytes)));
    if constexpr (protocols::ViewCodec<C>) {
      if (taking_ == Taking::borrowed) return take_views();
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
  template <typename Frame>
  bool note(const Result<std::optional<Frame>>& frame) {
    if (!frame) {
      events_.push_back(event_of(frame.error()));
      return !deframer_.has_ended();
    }
    if (*frame) events_.push_back(event_of_frame(**frame));
    return frame->has_value();
  }

  void take_views() {
    for (;;) {
      auto batch = deframer_.batch(inbox_, /*frames_max=*/3);
      while (note(batch.next())) {
      }
      if (!batch.is_full()) return;
    }
  }

  protocols::Deframer<C> deframer_;
  Taking taking_;
  Chain inbox_;
  Events events_;
};

/// The events of a fresh codec that receives `reads`.
template <typename MakeCodec>
[[nodiscard]] Events events_of(MakeCodec& make, const std::vector<std::string>& reads,
                               bool is_ended, Taking taking = Taking::owned) {
  EventRecorder recorder(make(), taking);
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
/// each place (long streams: at some), owned and borrowed. \returns a description of the first
/// difference.
template <typename MakeCodec>
[[nodiscard]] std::optional<std::string> first_difference(MakeCodec& make, const std::string& bytes,
                                                          bool is_ended) {
  std::vector<std::string> single;
  for (const char byte : bytes) single.emplace_back(1, byte);
  const Events expected = events_of(make, single, is_ended);
  const auto differs = [&](const std::vector<std::string>& reads,
                           Taking taking) -> std::optional<std::string> {
    const Events found = events_of(make, reads, is_ended, taking);
    if (found == expected) return std::nullopt;
    return "cut at " + std::to_string(reads[0].size()) +
           (taking == Taking::owned ? ", owned: " : ", borrowed: ") + joined(found) +
           "; byte by byte: " + joined(expected);
  };

  const std::size_t step = bytes.size() / 1024 + 1;
  for (const Taking taking : {Taking::owned, Taking::borrowed}) {
    if (auto difference = differs({bytes}, taking)) return difference;
    for (std::size_t cut = 1; cut < bytes.size(); cut += cut < 64 ? 1 : step) {
      if (auto difference = differs({bytes.substr(0, cut), bytes.substr(cut)}, taking)) {
        return difference;
      }
    }
  }
  if (auto difference = differs(single, Taking::borrowed)) return difference;
  return std::nullopt;
}

}  // namespace weir::test
