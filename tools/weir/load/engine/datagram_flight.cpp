#include "tools/weir/load/engine/datagram_flight.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/load/message/payload.h"
#include "weir/base/assert.h"

namespace weir::tools::load {
namespace {

using protocols::DatagramArrival;
using protocols::DatagramHeader;

constexpr std::int64_t batches_per_timeout = 16;
// An odd factor loses no bit of the time, and a changed one changes the pattern from its start.
constexpr std::uint64_t time_factor = 0x9e3779b97f4a7c15;

MessageId message_of(const DatagramHeader& header) noexcept {
  return {.connection = header.stream_id,
          .sequence =
              header.sequence ^ static_cast<std::uint64_t>(header.send_time.count()) * time_factor};
}

protocols::DatagramSequence make_sequence(std::uint32_t window_datagrams) {
  auto sequence = protocols::DatagramSequence::create(
      {.window_datagrams = window_datagrams, .first_sequence = 0});
  WEIR_ASSERT(sequence);
  return *std::move(sequence);
}

Echo echo_of(DatagramArrival arrival) noexcept {
  switch (arrival) {
    case DatagramArrival::in_order:
    case DatagramArrival::after_gap:
    case DatagramArrival::reordered:
      return Echo::answer;
    case DatagramArrival::duplicate:
      return Echo::duplicate;
    case DatagramArrival::late:
      return Echo::late;
    case DatagramArrival::implausible:
      break;
  }
  return Echo::damaged;
}

}  // namespace

DatagramFlight::DatagramFlight(const DatagramFlightOptions& options)
    : options_(options), sequence_(make_sequence(options.window_datagrams)) {
  WEIR_ASSERT(options.datagram_bytes >= DatagramHeader::wire_bytes);
}

void DatagramFlight::begin_batch(Nanoseconds now) {
  while (!batches_.empty() && batches_.back().first_number >= sent_) batches_.pop_back();
  if (!batches_.empty() &&
      now - batches_.back().began_at < options_.lost_after / batches_per_timeout) {
    batches_.back().ended_at = now;
    return;
  }
  batches_.push_back({.first_number = sent_, .began_at = now, .ended_at = now});
}

void DatagramFlight::write_next(Nanoseconds send_time, std::span<std::byte> out) {
  WEIR_ASSERT(out.size() == options_.datagram_bytes);
  const DatagramHeader header{
      .stream_id = options_.stream_id, .sequence = sent_++, .send_time = send_time};
  header.encode(out);
  fill_payload(message_of(header), 0, out.subspan(DatagramHeader::wire_bytes));
  oldest_send_time_ = std::min(oldest_send_time_, send_time);
}

void DatagramFlight::take_back(std::uint64_t count) noexcept {
  WEIR_ASSERT(count <= outstanding());
  sent_ -= count;
}

EchoReceived DatagramFlight::refuse(Echo echo, std::string complaint) {
  ++(echo == Echo::foreign ? foreign_ : damaged_);
  complaint_ = std::move(complaint);
  return {.echo = echo};
}

EchoReceived DatagramFlight::receive(std::span<const std::byte> datagram, Nanoseconds now) {
  const auto header = DatagramHeader::decode(datagram);
  if (!header) {
    return refuse(Echo::foreign,
                  fmt::format("{} bytes that no sender of this protocol wrote", datagram.size()));
  }
  if (header->stream_id != options_.stream_id) {
    return refuse(Echo::foreign,
                  fmt::format("a datagram of another stream, number {}", header->sequence));
  }
  if (header->sequence >= sent_ || header->send_time < oldest_send_time_ ||
      header->send_time > now) {
    return refuse(Echo::damaged,
                  fmt::format("datagram {}: no such datagram was sent", header->sequence));
  }
  if (datagram.size() != options_.datagram_bytes) {
    return refuse(Echo::damaged,
                  fmt::format("datagram {}: {} bytes came back of {}", header->sequence,
                              datagram.size(), options_.datagram_bytes));
  }
  const auto payload = datagram.subspan(DatagramHeader::wire_bytes);
  if (const auto at = find_payload_mismatch(message_of(*header), 0, payload)) {
    return refuse(Echo::damaged,
                  fmt::format("datagram {}, byte {}: expected 0x{:02x}, found 0x{:02x}",
                              header->sequence, DatagramHeader::wire_bytes + *at,
                              std::to_integer<unsigned>(payload_byte(message_of(*header), *at)),
                              std::to_integer<unsigned>(payload[*at])));
  }
  return {.echo = echo_of(sequence_.receive(*header, now)), .latency = now - header->send_time};
}

void DatagramFlight::expire(Nanoseconds now) noexcept {
  while (!batches_.empty() && now - batches_.front().ended_at >= options_.lost_after) {
    batches_.pop_front();
    sequence_.give_up_before(batches_.empty() ? sent_
                                              : std::min(sent_, batches_.front().first_number));
  }
}

std::vector<DatagramsPending> DatagramFlight::pending(Nanoseconds now) const {
  std::vector<DatagramsPending> pending;
  // What a copy would give up, batch by batch, is what is outstanding.
  protocols::DatagramSequence copy = sequence_;
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    const std::uint64_t lost_before = copy.counts().lost;
    const bool is_last = i + 1 == batches_.size();
    copy.give_up_before(is_last ? sent_ : std::min(sent_, batches_[i + 1].first_number));
    const std::uint64_t count = copy.counts().lost - lost_before;
    if (count > 0) pending.push_back({.count = count, .age = now - batches_[i].ended_at});
  }
  return pending;
}

std::uint64_t DatagramFlight::outstanding() const noexcept {
  const protocols::DatagramCounts counts = sequence_.counts();
  return sent_ - counts.unique - counts.lost;
}

}  // namespace weir::tools::load
