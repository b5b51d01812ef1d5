#include "tools/weir/load/cli/validate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/common/backend_choice.h"
#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/flag_check.h"
#include "tools/weir/common/nearest_match.h"
#include "tools/weir/common/placement.h"
#include "tools/weir/load/cli/load_text.h"
#include "tools/weir/load/cli/validate_datagrams.h"
#include "tools/weir/load/cli/validate_schedule.h"
#include "tools/weir/load/cli/validate_streams.h"

namespace weir::tools::load {
namespace {

// Bounds what a run keeps in flight: more than this a connection would only queue in this process.
constexpr std::uint64_t depth_max = 65'536;
constexpr std::uint64_t in_flight_bytes_max = 4ULL << 30;
constexpr std::chrono::nanoseconds duration_max = std::chrono::hours(24);
constexpr std::chrono::nanoseconds timeout_max = std::chrono::minutes(10);
constexpr std::chrono::nanoseconds warm_up_max = std::chrono::hours(1);
constexpr std::size_t targets_max = 256;
/// People mistype hosts: more than this at somebody else's needs --yes.
constexpr double foreign_rate_max = 10'000;
constexpr std::uint64_t foreign_connections_max = 1'000;

Checked<std::chrono::nanoseconds> parse_limited(std::string_view text,
                                                std::chrono::nanoseconds max) {
  auto duration = parse_duration(text);
  if (!duration) return duration;
  if (duration->count() == 0) return usage_error("must be longer than 0");
  if (*duration > max) {
    return usage_error(fmt::format("{} is too long (at most {})", text, format_seconds(max)));
  }
  return duration;
}

Checked<std::optional<std::chrono::nanoseconds>> parse_warm_up(std::string_view text) {
  using Optional = std::optional<std::chrono::nanoseconds>;
  if (text == "auto") return Optional();
  const auto duration = parse_duration(text);
  if (!duration) return std::unexpected(duration.error());
  if (*duration > warm_up_max) return usage_error(fmt::format("{} is too long (at most 1h)", text));
  return Optional(*duration);
}

Checked<ProgressChoice> parse_progress(std::string_view text) {
  if (text == "auto") return ProgressChoice::automatic;
  if (text == "screen") return ProgressChoice::screen;
  if (text == "plain") return ProgressChoice::plain;
  if (text == "none") return ProgressChoice::none;
  const std::vector<std::string> known = {"auto", "screen", "plain", "none"};
  return usage_error(fmt::format("there is no kind \"{}\"{}", text, suggest(text, known)));
}

Checked<Pace> parse_pace(std::string_view text) {
  if (text == "sleep") return Pace::sleep;
  if (text == "hybrid") return Pace::hybrid;
  if (text == "spin") return Pace::spin;
  const std::vector<std::string> known = {"sleep", "hybrid", "spin"};
  return usage_error(fmt::format("there is no pace \"{}\"{}", text, suggest(text, known)));
}

Checked<bool> parse_stamps(std::string_view text) {
  if (text == "kernel") return true;
  if (text == "app") return false;
  return usage_error(fmt::format("\"{}\" is neither app nor kernel", text));
}

Checked<std::optional<std::string>> parse_path(std::string_view text) {
  if (text.empty()) return usage_error("the file name is empty");
  return std::optional<std::string>(text);
}

Checked<std::optional<std::uint64_t>> parse_requests(std::string_view text) {
  const auto count = parse_count(text, {.min = 1, .max = 1'000'000'000'000});
  if (!count) return std::unexpected(count.error());
  return std::optional<std::uint64_t>(*count);
}

/// What every kind of load has.
bool apply_load(const RawFlags& flags, Options& options, UsageError& error) {
  const auto connections = [](std::string_view text) {
    return parse_count(text, {.min = 1, .max = connections_max});
  };
  const auto depth = [](std::string_view text) {
    return parse_count(text, {.min = 1, .max = depth_max});
  };
  const auto duration = [](std::string_view text) { return parse_limited(text, duration_max); };
  const auto timeout = [](std::string_view text) { return parse_limited(text, timeout_max); };
  return check_flag("--conns", flags.connections, connections, options.connections, error) &&
         check_flag("--depth", flags.depth, depth, options.depth, error) &&
         check_flag("--duration", flags.duration, duration, options.duration, error) &&
         check_flag("--requests", flags.requests, parse_requests, options.requests_max, error) &&
         check_flag("--warmup", flags.warm_up, parse_warm_up, options.warm_up, error) &&
         check_flag("--timeout", flags.timeout, timeout, options.timeout, error);
}

bool apply_judgement(const RawFlags& flags, Options& options, UsageError& error) {
  // A server of datagrams has no connections to tell the probe's from the load's, so it is asked
  // for there.
  options.samples_kernel = options.target.transport == Transport::stream;
  options.is_strict = flags.strict || (flags.is_ci && !flags.allow_untrusted);
  return check_flag("--slo", flags.slo, parse_slo, options.slo, error) &&
         check_flag("--abort-on", flags.abort_on, parse_slo, options.abort_on, error) &&
         check_flag("--pace", flags.pace, parse_pace, options.pace, error) &&
         check_flag("--stamps", flags.stamps, parse_stamps, options.samples_kernel, error);
}

bool apply_surroundings(const RawFlags& flags, Options& options, UsageError& error) {
  OutputChoice& output = options.output;
  return check_flag("--backend", flags.backend, parse_backend_choice, options.backend, error) &&
         check_flag("--progress", flags.progress, parse_progress, options.progress, error) &&
         check_flag("--output", flags.output, parse_path, output.json_path, error) &&
         check_flag("--hlog", flags.hlog, parse_path, output.hlog_path, error) &&
         check_flag("--csv", flags.csv, parse_path, output.csv_path, error) &&
         check_flag("--html", flags.html, parse_path, output.html_path, error);
}

Checked<void> apply_labels(const RawFlags& flags, Options& options) {
  for (const std::string& label : flags.labels) {
    const std::size_t equals = label.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return usage_error(fmt::format("--label: \"{}\" is not KEY=VALUE", label));
    }
    options.output.labels.emplace_back(label.substr(0, equals), label.substr(equals + 1));
  }
  const OutputChoice& output = options.output;
  const std::array paths = {&output.json_path, &output.hlog_path, &output.csv_path,
                            &output.html_path};
  const auto to_stdout =
      std::count_if(paths.begin(), paths.end(), [](const auto* path) { return *path == "-"; });
  if (to_stdout > 1) return usage_error("only one output can go to stdout (-)");
  return {};
}

Checked<void> apply_targets(const std::vector<std::string>& words, Options& options) {
  if (words.empty()) {
    return usage_error(
        "the target is missing; write tcp://HOST:PORT, udp://HOST:PORT or unix:PATH");
  }
  if (words.size() > targets_max) {
    return usage_error(
        fmt::format("{} targets are too many (at most {})", words.size(), targets_max));
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto target = parse_target(words[i]);
    if (!target) return std::unexpected(target.error());
    if (i == 0) {
      options.target = *std::move(target);
      continue;
    }
    if (target->transport != options.target.transport) {
      return usage_error("udp:// and other targets can't share a run");
    }
    options.more_targets.push_back(*std::move(target));
  }
  return {};
}

/// Several targets in turns are for connections; `compare` gives each a run of its own.
Checked<void> check_datagram_targets(const Options& options, Job job) {
  if (options.target.transport != Transport::datagram) return {};
  if (job != Job::compare && !options.more_targets.empty()) {
    return usage_error("a load of datagrams has one target");
  }
  if (job == Job::compare && options.answers == Answers::none) {
    return usage_error("compare needs answers; leave out --one-way");
  }
  return {};
}

/// \param rate_max  that the load may have; none: as much as is answered
Checked<void> check_politeness(const RawFlags& flags, const Options& options,
                               std::optional<double> rate_max) {
  const std::uint64_t connections = std::uint64_t{options.connections} + options.idle_connections;
  const bool is_modest = rate_max && *rate_max <= foreign_rate_max &&
                         connections <= foreign_connections_max &&
                         !options.churn.requests_per_connection;
  if (flags.yes || is_modest) return {};
  const auto is_near = [](const Target& target) { return is_local_or_private(target.address); };
  if (is_near(options.target) &&
      std::all_of(options.more_targets.begin(), options.more_targets.end(), is_near)) {
    return {};
  }
  return usage_error(
      "a target is neither on this machine nor in a private network, and this is more than 10k "
      "requests a second (or as many as it answers), more than 1000 connections, or a new one for "
      "each few requests; if it is yours to load, add --yes");
}

/// A goal that no run could be held against.
Checked<void> check_goals(const Options& options) {
  const auto is_loss = [](const SloTerm& term) { return term.metric == SloMetric::loss_share; };
  const bool asks_for_loss = std::any_of(options.slo.begin(), options.slo.end(), is_loss) ||
                             std::any_of(options.abort_on.begin(), options.abort_on.end(), is_loss);
  if (!asks_for_loss) return {};
  if (options.target.transport == Transport::stream) {
    return usage_error("a goal of loss is for datagrams (udp://): a stream loses nothing");
  }
  if (options.answers == Answers::none) {
    return usage_error("a goal of loss: with --one-way nobody here can know what was lost");
  }
  return {};
}

Checked<void> check_memory(const Options& options) {
  const std::uint64_t in_flight_bytes =
      std::uint64_t{options.connections} * options.depth * options.message_bytes;
  if (in_flight_bytes <= in_flight_bytes_max) return {};
  return usage_error(
      fmt::format("--conns {} x --depth {} x --size {} would keep {} in flight (at most {}); "
                  "lower one of them",
                  options.connections, options.depth,
                  format_byte_size(static_cast<double>(options.message_bytes)),
                  format_byte_size(static_cast<double>(in_flight_bytes)),
                  format_byte_size(static_cast<double>(in_flight_bytes_max))));
}

Checked<Options> validate_run(const RawFlags& flags, const std::vector<std::string>& words) {
  Options options;
  const auto targets = apply_targets(words, options);
  if (!targets) return std::unexpected(targets.error());
  const bool is_datagram = options.target.transport == Transport::datagram;
  UsageError error;
  if (is_datagram) {
    const auto kind = check_datagram_load(flags);
    if (!kind) return std::unexpected(kind.error());
    if (!parse_datagram_flags(flags, options, error)) return std::unexpected(error);
  } else if (flags.lost_after || flags.one_way) {
    return usage_error(fmt::format("{} is for datagrams (udp://): a stream loses nothing",
                                   flags.lost_after ? "--lost-after" : "--one-way"));
  }
  if (!apply_load(flags, options, error)) return std::unexpected(error);
  for (const auto& applied : {apply_schedule(flags, options),
                              is_datagram ? Checked<void>() : apply_stream_flags(flags, options)}) {
    if (!applied) return std::unexpected(applied.error());
  }
  if (!apply_judgement(flags, options, error) || !apply_surroundings(flags, options, error)) {
    return std::unexpected(error);
  }
  const auto labels = apply_labels(flags, options);
  if (!labels) return std::unexpected(labels.error());
  const auto placement = parse_placement(flags.shards, flags.cpus, /*default_shards=*/1);
  if (!placement) return std::unexpected(placement.error());
  options.shards = placement->shards;
  options.cpus = placement->cpus;
  std::optional<double> rate_max;
  if (options.open) rate_max = options.open->shape.rate_max();
  for (const auto& checked :
       {check_politeness(flags, options, rate_max), check_goals(options), check_memory(options)}) {
    if (!checked) return std::unexpected(checked.error());
  }
  options.load_text = describe_load(options);
  return options;
}

Checked<std::vector<double>> parse_rates(std::string_view text) {
  std::vector<double> rates;
  while (true) {
    const std::size_t comma = text.find(',');
    const auto rate = parse_rate(text.substr(0, comma));
    if (!rate) return std::unexpected(rate.error());
    rates.push_back(*rate);
    if (comma == std::string_view::npos) return rates;
    text.remove_prefix(comma + 1);
  }
}

/// What every job takes, of what was given.
RawFlags common_flags(const RawFlags& flags) {
  RawFlags common;
  common.words = flags.words;
  common.strict = flags.strict;
  common.allow_untrusted = flags.allow_untrusted;
  common.is_ci = flags.is_ci;
  common.output = flags.output;
  common.progress = flags.progress;
  common.config = flags.config;
  return common;
}

/// What is reported has been run.
Checked<void> check_report_flags(const RawFlags& flags) {
  RawFlags allowed = common_flags(flags);
  allowed.slo = flags.slo;
  allowed.csv = flags.csv;
  allowed.html = flags.html;
  allowed.labels = flags.labels;
  if (flags == allowed) return {};
  return usage_error(
      "report runs nothing, it shows and judges what a run has measured; it takes --slo, --strict, "
      "--allow-untrusted, --label, -o, --csv, --html and --progress");
}

/// Its servers and loads are its own.
Checked<void> check_selftest_flags(const RawFlags& flags) {
  RawFlags allowed = common_flags(flags);
  allowed.seed = flags.seed;
  allowed.backend = flags.backend;
  if (flags == allowed) return {};
  return usage_error(
      "selftest has servers and loads of its own; it takes --seed, --backend, --strict, "
      "--allow-untrusted, --progress and -o");
}

/// Flags that belong to a job, given to another.
Checked<void> check_job_flags(const RawFlags& flags, Job job) {
  if (flags.rates && job != Job::sweep) return usage_error("--rates is for sweep; write --rate");
  if (flags.range && job != Job::find_max) return usage_error("--range is for find-max");
  if (flags.rounds && job != Job::compare) return usage_error("--rounds is for compare");
  if (job == Job::compare && (flags.slo || flags.abort_on)) {
    return usage_error("compare looks for a difference; leave out --slo and --abort-on");
  }
  if (flags.strict && flags.allow_untrusted) {
    return usage_error("--strict and --allow-untrusted exclude each other");
  }
  if (job == Job::selftest) return check_selftest_flags(flags);
  if (job == Job::report) return check_report_flags(flags);
  const bool sets_rates = job == Job::sweep || job == Job::find_max;
  if (sets_rates && (flags.closed || flags.rate || flags.steps || flags.shape || flags.replay)) {
    return usage_error(
        fmt::format("{} chooses the rates itself; leave out --closed, --rate, "
                    "--steps, --shape and --replay",
                    to_text(job)));
  }
  if (job == Job::sweep && !flags.rates) {
    return usage_error("sweep needs --rates, such as --rates 1k,2k,5k,10k");
  }
  if (job == Job::find_max && !flags.slo) {
    return usage_error("find-max needs --slo: what the rate has to keep, such as 'p99<1ms'");
  }
  return {};
}

Checked<JobOptions> validate_report(const RawFlags& flags, std::vector<std::string> files) {
  if (files.empty()) return usage_error("report needs a file, such as result.json");
  if (files.size() > 1 && (flags.output || flags.csv || flags.html)) {
    return usage_error("-o, --csv and --html are for one file; report takes several to show them");
  }
  JobOptions options;
  options.job = Job::report;
  options.files = std::move(files);
  options.judges_again = flags.slo || flags.strict;
  options.allows_untrusted = flags.allow_untrusted;
  UsageError error;
  if (!apply_judgement(flags, options.run, error) ||
      !apply_surroundings(flags, options.run, error)) {
    return std::unexpected(error);
  }
  const auto labels = apply_labels(flags, options.run);
  if (!labels) return std::unexpected(labels.error());
  return options;
}

}  // namespace

Checked<Options> validate(const RawFlags& flags) {
  auto run = validate_run(flags, flags.words);
  if (!run) return run;
  const auto targets = check_datagram_targets(*run, Job::run);
  if (!targets) return std::unexpected(targets.error());
  return run;
}

Checked<JobOptions> validate_job(const RawFlags& flags) {
  JobOptions options;
  std::vector<std::string> words = flags.words;
  if (!words.empty()) {
    if (const auto job = parse_job(words.front())) {
      options.job = *job;
      words.erase(words.begin());
    }
  }
  const auto job_flags = check_job_flags(flags, options.job);
  if (!job_flags) return std::unexpected(job_flags.error());
  if (options.job == Job::report) return validate_report(flags, std::move(words));
  if (options.job == Job::demo || options.job == Job::selftest) {
    if (!words.empty()) {
      return usage_error(
          fmt::format("{} has a server of its own, not {}", to_text(options.job), words.front()));
    }
    words = {"tcp://127.0.0.1:1"};  // replaced by that server
  } else if (options.job == Job::compare && words.size() != 2) {
    return usage_error("compare needs two targets");
  }
  auto run = validate_run(flags, words);
  if (!run) return std::unexpected(run.error());
  const auto targets = check_datagram_targets(*run, options.job);
  if (!targets) return std::unexpected(targets.error());
  options.run = *std::move(run);
  // What would tell a release from the one before has to be measured well.
  if (options.job == Job::compare && !flags.allow_untrusted) options.run.is_strict = true;
  UsageError error;
  const auto rounds = [](std::string_view text) {
    return parse_count(text, {.min = 3, .max = 500});
  };
  if (!check_flag("--rates", flags.rates, parse_rates, options.rates, error) ||
      !check_flag("--range", flags.range, parse_rate_range, options.range, error) ||
      !check_flag("--rounds", flags.rounds, rounds, options.rounds, error)) {
    return std::unexpected(error);
  }
  if (options.job == Job::find_max && !(options.range.first < options.range.last)) {
    return usage_error("--range: the first rate must be below the last");
  }
  if (options.job == Job::find_max || options.job == Job::sweep) {
    const double rate_max = options.job == Job::find_max
                                ? options.range.last
                                : *std::max_element(options.rates.begin(), options.rates.end());
    const auto polite = check_politeness(flags, options.run, rate_max);
    if (!polite) return std::unexpected(polite.error());
  }
  return options;
}

}  // namespace weir::tools::load
