#include "tools/weir/serve/stream_census.h"

#include <functional>
#include <string_view>

#include <fmt/format.h>

#include "weir/base/result.h"

namespace weir::tools::serve {

using protocols::DatagramHeader;
using protocols::DatagramSequence;

StreamTotals& StreamTotals::operator+=(const StreamTotals& other) noexcept {
  streams += other.streams;
  datagrams_beyond += other.datagrams_beyond;
  counts += other.counts;
  return *this;
}

std::string StreamTotals::to_text() const {
  std::string text = fmt::format(
      "{} streams, {} of {} numbers arrived, {} lost in {} bursts (longest {}), {} duplicates, {} "
      "reordered (by up to {}), {} late, {} implausible",
      streams, counts.unique, counts.expected(), counts.lost, counts.loss_bursts,
      counts.loss_burst_max, counts.duplicates, counts.reordered, counts.reordering_distance_max,
      counts.late, counts.implausible);
  if (datagrams_beyond != 0) {
    text += fmt::format(", {} datagrams of streams beyond the first {} a shard", datagrams_beyond,
                        StreamCensus::streams_max);
  }
  return text;
}

std::size_t StreamCensus::KeyHash::operator()(const Key& key) const noexcept {
  const std::string_view peer(static_cast<const char*>(static_cast<const void*>(&key.peer)),
                              key.peer.sockaddr_length());
  // The multiplier spreads ids that count up: Knuth's, 2^64 over the golden ratio.
  return std::hash<std::string_view>()(peer) ^ key.stream_id * 0x9E3779B97F4A7C15U;
}

DatagramSequence* StreamCensus::find(const Key& key) {
  if (last_ != nullptr && key == last_key_) return last_;
  auto found = sequences_.find(key);
  if (found == sequences_.end()) {
    if (sequences_.size() == streams_max) return nullptr;
    // The window is a constant that it takes.
    auto sequence = DatagramSequence::create({.window_datagrams = window_datagrams}).value();
    found = sequences_.emplace(key, std::move(sequence)).first;
  }
  last_key_ = key;
  last_ = &found->second;
  return last_;
}

void StreamCensus::receive(const InternetAddress& peer, std::span<const std::byte> payload,
                           std::chrono::nanoseconds arrival_time) {
  const Result<DatagramHeader> header = DatagramHeader::decode(payload);
  if (!header) return;
  DatagramSequence* const sequence = find({.peer = peer, .stream_id = header->stream_id});
  if (sequence == nullptr) {
    ++datagrams_beyond_;
    return;
  }
  sequence->receive(*header, arrival_time);
}

StreamTotals StreamCensus::finish() {
  StreamTotals totals{.streams = sequences_.size(), .datagrams_beyond = datagrams_beyond_};
  for (auto& [key, sequence] : sequences_) {
    sequence.finish();
    totals.counts += sequence.counts();
  }
  return totals;
}

}  // namespace weir::tools::serve
