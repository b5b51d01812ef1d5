// What became of the streams of numbered datagrams (DatagramHeader) that a sink receives: one
// DatagramSequence for each peer and stream id.
//
// The streams are bounded, because anybody can make up stream ids: the datagrams of those above
// `streams_max` are counted, and nothing more. No I/O, no clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>

#include "weir/net/internet_address.h"
#include "weir/protocols/datagram_header.h"
#include "weir/protocols/datagram_sequence.h"

namespace weir::tools::serve {

/// Of several streams together; of several shards if they are summed.
struct StreamTotals {
  std::uint64_t streams = 0;
  std::uint64_t datagrams_beyond = 0;  ///< numbered, but of streams above the bound
  protocols::DatagramCounts counts{};

  StreamTotals& operator+=(const StreamTotals& other) noexcept;
  /// `2 streams, 99 of 100 numbers arrived, 1 lost in 1 bursts (longest 1), ...`
  [[nodiscard]] std::string to_text() const;
};

/// Belongs to one socket.
class StreamCensus {
 public:
  /// 0.7 MiB a shard at most.
  static constexpr std::size_t streams_max = 1024;
  /// A number is lost once one that is so much higher has arrived.
  static constexpr std::uint32_t window_datagrams = 4096;

  StreamCensus() { sequences_.reserve(streams_max); }

  /// Ignores what is not a numbered datagram.
  void receive(const InternetAddress& peer, std::span<const std::byte> payload,
               std::chrono::nanoseconds arrival_time);

  /// What has not arrived by now is lost.
  [[nodiscard]] StreamTotals finish();

 private:
  struct Key {
    InternetAddress peer;
    std::uint32_t stream_id = 0;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept;
  };

  [[nodiscard]] protocols::DatagramSequence* find(const Key& key);

  std::unordered_map<Key, protocols::DatagramSequence, KeyHash> sequences_;
  // Most datagrams are of the stream of the one before. Nodes of the map stay where they are.
  Key last_key_;
  protocols::DatagramSequence* last_ = nullptr;
  std::uint64_t datagrams_beyond_ = 0;
};

}  // namespace weir::tools::serve
