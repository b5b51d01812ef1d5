#include "bench/gates/course.h"

#include <algorithm>
#include <cerrno>

#include "weir/core/run.h"
#include "weir/core/runtime.h"

namespace weir::gates {
namespace {

Task<Result<void>> serve_and_finish(Course* course) {
  const Result<void> served = co_await course->scenario().serve(course);
  const Result<void> asked = course->finish_asking();
  co_return served ? asked : served;
}

}  // namespace

Course::~Course() {
  if (peer_.joinable()) peer_.join();
}

Result<void> Course::begin_asking(const Address& server) {
  Result<SleepingThread> shard = SleepingThread::watch_this();
  if (!shard) return std::unexpected(shard.error());
  shard_.emplace(*std::move(shard));
  server_ = server;
  peer_ = std::thread([this, runtime = &Runtime::current()] {
    asked_ = scenario_.ask(*this);
    runtime->drain();
  });
  return {};
}

Result<void> Course::finish_asking() {
  if (peer_.joinable()) peer_.join();
  return asked_;
}

Result<void> Course::ask_rounds(const PeerSocket& socket, std::span<const std::byte> round) const {
  std::vector<std::byte> answers(round.size());
  for (std::uint64_t count = 0; count < asked_rounds; ++count) {
    Result<void> done = wait_for_sleep();
    if (done) done = socket.send(round);
    if (done) done = socket.receive(answers);
    if (!done) return done;
    if (!std::ranges::equal(answers, round)) return fail_errno(EBADMSG);
  }
  return {};
}

Result<BackendReport> probe(Backend backend) {
  return run({.backend = backend, .adaptive = false, .signals = SignalPolicy::leave},
             []() -> Task<BackendReport> { co_return Runtime::current().backend_report(); });
}

Result<Balance> run_scenario(const Scenario& scenario, Backend backend) {
  Course course(scenario);
  const Result<void> ended =
      run({.backend = backend, .adaptive = false, .signals = SignalPolicy::leave},
          [&course] { return serve_and_finish(&course); });
  if (!ended) return std::unexpected(ended.error());
  const std::optional<Balance> spent = course.ledger().spent();
  if (!spent) return fail_errno(EPROTO);
  return *spent;
}

}  // namespace weir::gates
