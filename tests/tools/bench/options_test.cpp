#include "tools/weir/bench/options.h"

#include <wordexp.h>

#include <algorithm>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include "tools/weir/bench/suites/run_suites.h"
#include "tools/weir/bench/suites/stream_suites.h"
#include "tools/weir/bench/validate.h"
#include "tools/weir/common/command_line.h"

namespace weir::tools::bench {
namespace {

/// As a shell cuts it.
std::vector<std::string> words_of(const std::string& line) {
  ::wordexp_t expansion{};
  EXPECT_EQ(::wordexp(line.c_str(), &expansion, WRDE_NOCMD | WRDE_UNDEF), 0) << line;
  std::vector<std::string> words(expansion.we_wordv, expansion.we_wordv + expansion.we_wordc);
  ::wordfree(&expansion);
  return words;
}

Options options_from(const std::string& line) {
  std::vector<std::string> words = words_of(line);
  EXPECT_EQ(words.front(), "weir");
  words.erase(words.begin());
  const auto program =
      make_program({.name = "weir", .purpose = "", .usage = "", .examples = ""}, "0");
  RawFlags flags;
  add_flags(*program, flags);
  const auto stop = parse_command_line(*program, words);
  EXPECT_FALSE(stop) << line << stop->text;
  const auto job = validate(flags);
  EXPECT_TRUE(job) << line << job.error().message;
  return std::get<Options>(*job);
}

std::vector<CaseSpec> cases_of_suites(Effort effort) {
  const Programs programs("/bin", "", CpuPair{});
  std::vector<CaseSpec> all = echo_cases(programs, effort);
  for (auto* const suite : {framing_cases, stream_cases, churn_cases, idle_cases, shards_cases}) {
    for (CaseSpec& spec : suite(programs, effort)) all.push_back(std::move(spec));
  }
  return all;
}

TEST(CommandForCase, SelectsEachCaseAndNoOther) {
  const std::vector<CaseSpec> quick = cases_of_suites(Effort::quick);
  for (const Effort effort : {Effort::quick, Effort::full}) {
    const std::vector<CaseSpec> all = cases_of_suites(effort);
    ASSERT_GE(all.size(), quick.size());
    Options measured;
    measured.effort = effort;

    for (const CaseSpec& spec : all) {
      const Options again = options_from(command_for_case(measured, spec.suite, spec.name));

      EXPECT_EQ(again.effort, effort);
      const auto selected = std::ranges::count_if(
          all, [&](const CaseSpec& it) { return again.selects(describe(it)); });
      EXPECT_EQ(selected, 1) << describe(spec);
      EXPECT_TRUE(again.selects(describe(spec)));
    }
  }
}

TEST(CommandForCase, HasAllThatMadeTheNumber) {
  const Options measured = options_from(
      "weir bench echo udp --full --contenders '^(weir|raw)_' --rounds 40 --precision 2.5% --cell "
      "200ms --seed 7 "
      "--bin / --against /bin/sh --realtime");

  const Options again = options_from(command_for_case(measured, "echo", "64B-c64-d1"));

  EXPECT_EQ(again.suites, std::vector{Suite::echo});
  EXPECT_EQ(again.effort, Effort::full);
  EXPECT_EQ(again.rounds, 40U);
  EXPECT_DOUBLE_EQ(again.precision.value(), 0.025);
  EXPECT_EQ(again.cell, std::chrono::milliseconds(200));
  EXPECT_EQ(again.seed, 7U);
  EXPECT_EQ(again.peers_directory, "/");
  EXPECT_EQ(again.against, "/bin/sh");
  EXPECT_TRUE(again.is_realtime);
  EXPECT_TRUE(again.admits("raw_epoll"));
  EXPECT_FALSE(again.admits("uv"));
}

TEST(CommandForCase, QuotesWhatAShellWouldTakeApart) {
  Options measured;
  measured.peers_directory = "/it's here";

  const std::vector<std::string> words = words_of(command_for_case(measured, "echo", "a+b"));

  EXPECT_NE(std::ranges::find(words, "/it's here"), words.end());
  EXPECT_NE(std::ranges::find(words, "^echo a\\+b:"), words.end());
}

}  // namespace
}  // namespace weir::tools::bench
