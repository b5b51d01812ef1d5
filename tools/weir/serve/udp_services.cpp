#include "tools/weir/serve/udp_services.h"

#include <chrono>
#include <expected>
#include <utility>

#include "tools/weir/serve/answer_batch.h"
#include "tools/weir/serve/upper_lines.h"

namespace weir::tools::serve {
namespace {

void count_received(const DatagramBatch& batch, UdpReport& report) {
  for (const DatagramTrain& train : batch.trains()) {
    report.datagrams_in += train.datagram_count();
    report.bytes_in += train.payload.size();
  }
}

/// In place: what was taken out of the queue is nobody else's.
void make_upper(const DatagramBatch& batch) {
  for (const DatagramTrain& train : batch.trains()) {
    Buffer text = train.payload.share();
    to_upper_ascii(text.writable());
  }
}

/// What the system refuses concerns that datagram. The rest is cancellation and its like.
bool ends_service(const SendOutcome& outcome) {
  return outcome.refused && outcome.refused.category() == error_category();
}

}  // namespace

Task<Result<void>> answer_datagrams(UdpSocket socket, Answer answer, UdpReport* report) {
  AnswerBatch answers;
  for (;;) {
    const Result<DatagramBatch> batch = co_await socket.receive();
    if (!batch) co_return std::unexpected(batch.error());
    if (batch->empty()) break;
    count_received(*batch, *report);
    if (answer == Answer::upper_case) make_upper(*batch);
    answers.fill(*batch);
    while (!answers.empty()) {
      const SendOutcome outcome = co_await socket.send(answers.rest());
      if (ends_service(outcome)) co_return std::unexpected(outcome.refused);
      answers.settle(outcome, report->refused);
    }
  }
  report->stats = socket.stats();
  co_return Result<void>();
}

Task<Result<void>> count_datagrams(UdpSocket socket, Follow follow, UdpReport* report) {
  StreamCensus census;
  for (;;) {
    const Result<DatagramBatch> batch = co_await socket.receive();
    if (!batch) co_return std::unexpected(batch.error());
    if (batch->empty()) break;
    count_received(*batch, *report);
    if (follow == Follow::nothing) continue;
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    for (const Datagram datagram : *batch) {
      census.receive(datagram.peer(), datagram.payload(), now);
    }
  }
  report->stats = socket.stats();
  report->streams = census.finish();
  co_return Result<void>();
}

}  // namespace weir::tools::serve
