#include "tools/weir/load/jobs/demo_job.h"

#include <cstdio>

#include <fmt/format.h>

#include "tools/weir/demo/server_process.h"
#include "tools/weir/load/jobs/single_run.h"

namespace weir::tools::load {
namespace {

constexpr int any_cpu = -1;

}  // namespace

ExitCode run_demo(Options options, const std::vector<std::string>& arguments) {
  auto server = demo::ServerProcess::start(options.backend, any_cpu);
  if (!server) {
    fmt::print(stderr, "weir load: {}\n", server.error());
    return ExitCode::run_failed;
  }
  options.target = {.address = server->address(), .text = "tcp://" + server->address().to_string()};
  const ExitCode code = run_single(options, arguments);
  const auto stopped = server->stop();
  if (!stopped) fmt::print(stderr, "weir load: the server: {}\n", stopped.error());
  return code;
}

}  // namespace weir::tools::load
