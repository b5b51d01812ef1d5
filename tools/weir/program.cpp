#include "tools/weir/program.h"

#include <unistd.h>

#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/weir/bench/parse.h"
#include "tools/weir/bench/run.h"
#include "tools/weir/bench/validate.h"
#include "tools/weir/common/command_line.h"
#include "tools/weir/common/text_style.h"
#include "tools/weir/common/version.h"
#include "tools/weir/demo/parse.h"
#include "tools/weir/demo/run.h"
#include "tools/weir/demo/validate.h"
#include "tools/weir/doctor/parse.h"
#include "tools/weir/doctor/run.h"
#include "tools/weir/doctor/socket_report.h"
#include "tools/weir/doctor/validate.h"
#include "tools/weir/exec/parse.h"
#include "tools/weir/exec/run.h"
#include "tools/weir/exec/validate.h"
#include "tools/weir/load/cli/parse.h"
#include "tools/weir/load/cli/read_job.h"
#include "tools/weir/load/run.h"
#include "tools/weir/serve/parse.h"
#include "tools/weir/serve/run.h"
#include "tools/weir/serve/validate.h"

namespace weir::tools {
namespace {

constexpr const char* examples =
    R"(  weir demo                                       see it work: ten seconds
  weir doctor                                     what this machine can do, what to mend
  weir serve echo --listen 127.0.0.1:9000         an echo server
  weir load tcp://127.0.0.1:9000 --closed -c 64   a load on it)";

std::vector<std::string> environment_variables() {
  std::vector<std::string> variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  return variables;
}

ExitCode refuse(const char* command, const UsageError& error) {
  fmt::print(stderr, "weir {}: {}\nweir {} --help shows what there is\n", command, error.message,
             command);
  return ExitCode::bad_usage;
}

template <typename Report>
void print_report(const Report& report, doctor::Format format) {
  if (format == doctor::Format::json) {
    fmt::print("{}\n", doctor::report_json(report));
  } else {
    fmt::print(
        "{}", doctor::report_text(report, choose_text_style(read_text_environment(STDOUT_FILENO))));
  }
}

ExitCode print_doctor(const doctor::Options& options) {
  if (options.subject == doctor::Subject::sockets) {
    const doctor::SocketReport report = doctor::examine_sockets();
    print_report(report, options.format);
    return is_complete(report) ? ExitCode::done : ExitCode::run_failed;
  }
  const doctor::DoctorReport report = doctor::run();
  print_report(report, options.format);
  return report.backend ? ExitCode::done : ExitCode::run_failed;
}

}  // namespace

ExitCode run_program(const std::vector<std::string>& arguments) {
  const auto program = make_program({.name = "weir",
                                     .purpose = "Servers, load and diagnosis on the weir runtime.",
                                     .usage = "COMMAND [options]",
                                     .examples = examples},
                                    version_line());
  serve::RawFlags serve_flags;
  load::RawFlags load_flags;
  demo::RawFlags demo_flags;
  doctor::RawFlags doctor_flags;
  exec::RawFlags exec_flags;
  bench::RawFlags bench_flags;
  CLI::App& serve_command = serve::add_flags(*program, serve_flags);
  CLI::App& load_command = load::add_flags(*program, load_flags);
  CLI::App& demo_command = demo::add_flags(*program, demo_flags);
  CLI::App& exec_command = exec::add_flags(*program, exec_flags);
  CLI::App& bench_command = bench::add_flags(*program, bench_flags);
  doctor::add_flags(*program, doctor_flags);
  if (const auto stop = parse_command_line(*program, arguments)) {
    fmt::print(stop->exit_code == ExitCode::done ? stdout : stderr, "{}", stop->text);
    return stop->exit_code;
  }
  if (serve_command.parsed()) {
    const auto options = serve::validate(serve_flags);
    return options ? serve::run(*options) : refuse("serve", options.error());
  }
  if (load_command.parsed()) {
    const auto options = load::read_job(load_command, load_flags, environment_variables());
    return options ? load::run(*options, arguments) : refuse("load", options.error());
  }
  if (demo_command.parsed()) {
    const auto options = demo::validate(demo_flags);
    return options ? demo::run(*options) : refuse("demo", options.error());
  }
  if (exec_command.parsed()) {
    const auto options = exec::validate(exec_flags);
    return options ? exec::run(*options) : refuse("exec", options.error());
  }
  if (bench_command.parsed()) {
    const auto options = bench::validate(bench_flags);
    return options ? bench::run(*options, arguments) : refuse("bench", options.error());
  }
  const auto options = doctor::validate(doctor_flags);
  return options ? print_doctor(*options) : refuse("doctor", options.error());
}

}  // namespace weir::tools
