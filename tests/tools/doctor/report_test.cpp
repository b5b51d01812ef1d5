#include "tools/weir/doctor/report.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weir::tools::doctor {
namespace {

using ::testing::HasSubstr;

DoctorReport example_report() {
  return {
      .version_line = "weir 0.1.0 (GCC 12.2.0, release)",
      .machine = {.kernel_release = "6.18.5", .cpu_model = "AMD EPYC", .cpus_allowed = 2},
      .backend =
          BackendReport{.backend = Backend::io_uring,
                        .reason = "it passed its self-tests",
                        .remedy = "",
                        .features = {{"multishot receive", FeatureState::used,
                                      "one request receives for the life of a connection", ""},
                                     {"incremental buffers", FeatureState::unavailable,
                                      "the kernel refused it: Invalid argument", "Linux 6.12"}}},
      .limits = {
          {"nofile", "20 000 (hard 20 000)", Verdict::ok, "open files: one for each connection"},
          {"seccomp", "filter", Verdict::cannot_tell, "a filter is active"},
          {"net.core.somaxconn", "128", Verdict::will_hurt,
           "of a burst of connects, those beyond it wait a second for a retry",
           "sudo sysctl -w net.core.somaxconn=4096"}}};
}

BackendRefusal example_refusal() {
  return {.error = Error::backend_unavailable,
          .reason = "WEIR_BACKEND asks for io_uring, which this system refuses",
          .remedy = "unset WEIR_BACKEND",
          .features = {{"cancel", FeatureState::unavailable, "no ring can be set up: EPERM", ""}}};
}

TEST(DoctorReport, TextPutsTheWorstFirstWithItsRemedy) {
  EXPECT_EQ(report_text(example_report(), {}), R"(weir 0.1.0 (GCC 12.2.0, release)
Linux 6.18.5, 2 CPUs, AMD EPYC

BACKEND  io_uring
  it passed its self-tests

FEATURES of io_uring
  used         multishot receive
               one request receives for the life of a connection
  unavailable  incremental buffers
               the kernel refused it: Invalid argument
               to have it: Linux 6.12

LIMITS
  will hurt    net.core.somaxconn = 128
               of a burst of connects, those beyond it wait a second for a retry
               $ sudo sysctl -w net.core.somaxconn=4096
  cannot tell  seccomp = filter
               a filter is active
  ok           nofile = 20 000 (hard 20 000)
               open files: one for each connection

1 of 3 limits will hurt; the lines with $ mend them.
)");
}

TEST(DoctorReport, TextIsColouredOnRequestOnly) {
  EXPECT_THAT(report_text(example_report(), {.color = true}),
              HasSubstr("\x1b[31mwill hurt\x1b[0m"));
  EXPECT_EQ(report_text(example_report(), {}).find('\x1b'), std::string::npos);
}

TEST(DoctorReport, TextSaysSoWhenAllIsWell) {
  DoctorReport report = example_report();
  report.limits.pop_back();

  EXPECT_THAT(report_text(report, {}), HasSubstr("\nNo limit found that will hurt.\n"));
}

TEST(DoctorReport, TextTellsWhyThereIsNoBackend) {
  DoctorReport report = example_report();
  report.backend = std::unexpected(example_refusal());

  EXPECT_THAT(report_text(report, {}), HasSubstr(R"(
BACKEND  none
  WEIR_BACKEND asks for io_uring, which this system refuses
  unset WEIR_BACKEND

FEATURES of io_uring
  unavailable  cancel
               no ring can be set up: EPERM

LIMITS
)"));
}

TEST(DoctorReport, BothFormsHaveTheWarning) {
  for (const bool is_refused : {false, true}) {
    SCOPED_TRACE(is_refused);
    DoctorReport report = example_report();
    if (is_refused) report.backend = std::unexpected(example_refusal());
    (is_refused ? report.backend.error().warning : report.backend->warning) = "\"x\" is unknown";

    EXPECT_THAT(report_text(report, {}), HasSubstr("\n  \"x\" is unknown\n\nFEATURES"));
    const auto json = nlohmann::json::parse(report_json(report));
    EXPECT_EQ(json["backend"]["warning"], "\"x\" is unknown");
  }
}

TEST(DoctorReport, TextFitsEightyColumns) {
  DoctorReport report = example_report();
  report.backend->reason =
      "a reason that goes on and on, with details about errors, versions and "
      "settings that nobody could foresee when this line was made";

  std::istringstream lines(report_text(report, {}));

  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(DoctorReport, JsonHasTheSameFacts) {
  const auto json = nlohmann::json::parse(report_json(example_report()));

  EXPECT_EQ(json["schema"], "weir.doctor/1");
  EXPECT_EQ(json["machine"]["kernel_release"], "6.18.5");
  EXPECT_EQ(json["backend"]["used"], "io_uring");
  EXPECT_EQ(json["backend"]["warning"], "");
  EXPECT_EQ(json["backend"]["features"][1]["name"], "incremental buffers");
  EXPECT_EQ(json["backend"]["features"][1]["state"], "unavailable");
  EXPECT_EQ(json["backend"]["features"][1]["remedy"], "Linux 6.12");
  EXPECT_EQ(json["limits"].size(), 3U);
  EXPECT_EQ(json["limits"][2]["verdict"], "will hurt");
  EXPECT_EQ(json["limits"][2]["remedy"], "sudo sysctl -w net.core.somaxconn=4096");
}

TEST(DoctorReport, JsonTellsWhyThereIsNoBackend) {
  DoctorReport report = example_report();
  report.backend = std::unexpected(example_refusal());

  const auto backend = nlohmann::json::parse(report_json(report))["backend"];

  EXPECT_EQ(backend["error"], "the I/O backend does not work on this system");
  EXPECT_EQ(backend["reason"], "WEIR_BACKEND asks for io_uring, which this system refuses");
  EXPECT_EQ(backend["remedy"], "unset WEIR_BACKEND");
  EXPECT_EQ(backend["features"][0]["state"], "unavailable");
}

TEST(DoctorReport, JsonSurvivesBytesThatAreNotUtf8) {
  DoctorReport report = example_report();
  report.limits[0].value = "\xff";

  EXPECT_EQ(nlohmann::json::parse(report_json(report))["limits"][0]["value"], "\uFFFD");
}

}  // namespace
}  // namespace weir::tools::doctor
