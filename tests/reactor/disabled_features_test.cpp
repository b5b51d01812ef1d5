// Each feature switched off by WEIR_DISABLE: the report says so, and what it says is so. What is
// the name of none is told.
//
// A process probes once: each case runs in a process of its own, as in forbidden_io_uring_test.cpp.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "reactor/uring/options.h"
#include "reactor/uring/probe.h"
#include "reactor/uring/ring.h"
#include "tests/support/backend_test.h"
#include "tests/support/word_exchange.h"
#include "weir/weir.h"

namespace weir {
namespace {

using reactor::RingOptions;
using reactor::UringOptions;

/// What becomes of io_uring without the feature.
enum class Role : std::uint8_t {
  indispensable,  ///< it is refused
  for_speed,      ///< it is used only if asked for
  extra,
};

struct Feature {
  std::string_view name;
  Role role;
  bool UringOptions::* option = nullptr;
  bool RingOptions::* ring_option = nullptr;
};

std::ostream& operator<<(std::ostream& out, const Feature& feature) { return out << feature.name; }

const std::vector<Feature> features{
    {"deferred completions", Role::for_speed, nullptr, &RingOptions::defer_taskrun},
    {"registered ring", Role::extra, nullptr, &RingOptions::register_ring},
    {"wait timeout", Role::indispensable},
    {"no iowait", Role::extra, nullptr, &RingOptions::no_iowait},
    {"cancel", Role::indispensable},
    {"multishot accept", Role::extra, &UringOptions::multishot_accept},
    {"buffer ring", Role::indispensable},
    {"multishot receive", Role::for_speed, &UringOptions::multishot_receive},
    {"multishot datagrams", Role::extra, &UringOptions::multishot_datagrams},
    {"incremental buffers", Role::extra, &UringOptions::incremental_buffers},
    {"buffer reordering", Role::extra, &UringOptions::reorder_buffers},
    {"instant send", Role::extra, &UringOptions::instant_sends},
    {"zero-copy send", Role::extra},
};

std::string with(std::string_view name, char replacement) {
  std::string text(name);
  std::ranges::replace(text, ' ', replacement);
  return text;
}

/// The error message ends the process at once: nobody sees more than one.
void require(bool is_so, std::string_view what) {
  if (is_so) return;
  std::fprintf(stderr, "not so: %.*s\n", static_cast<int>(what.size()), what.data());
  std::_Exit(1);
}

void check_features(const std::vector<BackendFeature>& reported, const Feature& disabled) {
  for (const BackendFeature& feature : reported) {
    require((feature.state == FeatureState::disabled) == (feature.name == disabled.name),
            feature.name + " is " + std::string(to_string(feature.state)));
  }
}

/// What would run says why it is not io_uring, if that is due to the feature.
void check_automatic(const Feature& disabled) {
  const Result<BackendReport> report = backend_report();
  require(report.has_value(), "there is a backend");
  check_features(report->features, disabled);
  if (disabled.role == Role::extra) return;
  require(report->backend == Backend::epoll, "epoll is taken");
  require(report->reason.find(disabled.name) != std::string::npos, report->reason);
  require(report->remedy.starts_with("take " + with(disabled.name, '-') + " out of WEIR_DISABLE"),
          report->remedy);
}

void check_refusal(const BackendRefusal& refusal, const Feature& disabled) {
  check_features(refusal.features, disabled);
  require(refusal.error == Error::backend_unavailable, refusal.error.message());
  require(refusal.reason.starts_with("io_uring was asked for, but ") &&
              refusal.reason.ends_with(disabled.name),
          refusal.reason);
  require(refusal.remedy.ends_with("take " + with(disabled.name, '-') + " out of WEIR_DISABLE"),
          refusal.remedy);
}

/// The reactor does without the feature, and works.
void check_use(const BackendReport& report, const Feature& disabled) {
  check_features(report.features, disabled);
  const UringOptions options = UringOptions::probed();
  if (disabled.option != nullptr) require(!(options.*disabled.option), "the option is off");
  if (disabled.ring_option != nullptr) {
    require(!(options.ring.*disabled.ring_option), "the option of the ring is off");
  }
  const Result<std::string> word =
      run({.backend = Backend::io_uring, .signals = SignalPolicy::leave}, test::exchange_a_word);
  require(word && *word == "word", "the word arrives");
}

[[noreturn]] void end_after_checking(const Feature& disabled) {
  ::setenv("WEIR_DISABLE", with(disabled.name, '-').c_str(), 1);
  check_automatic(disabled);
  const auto forced = explain_backend(Backend::io_uring);
  require(forced.has_value() == (disabled.role != Role::indispensable), "io_uring can be forced");
  if (forced) {
    check_use(*forced, disabled);
  } else {
    check_refusal(forced.error(), disabled);
  }
  std::_Exit(0);
}

/// Not by the report, which would stand in the process that is to make another one.
void skip_without_io_uring() {
  reactor::Ring ring;
  if (const auto opened = ring.open({}); !opened) {
    GTEST_SKIP() << "no io_uring here: " << opened.error().message();
  }
}

class DisabledFeatureTest : public ::testing::TestWithParam<Feature> {
 protected:
  void SetUp() override {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    ::unsetenv("WEIR_BACKEND");
    skip_without_io_uring();
  }
};

TEST_P(DisabledFeatureTest, IsReportedAndNotUsed) {
  EXPECT_EXIT(end_after_checking(GetParam()), ::testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(All, DisabledFeatureTest, ::testing::ValuesIn(features),
                         [](const ::testing::TestParamInfo<Feature>& parameter) {
                           std::string name = with(parameter.param.name, '_');
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

[[noreturn]] void end_after_checking_warning(Backend backend) {
  ::setenv("WEIR_DISABLE", "no-iowait,multishot-recieve", 1);
  const Result<BackendReport> report = backend_report(backend);
  require(report.has_value(), "there is a backend");
  require(report->backend == backend, "it is the one that was asked for");
  require(report->warning.starts_with("WEIR_DISABLE lists \"multishot-recieve\", which names no") &&
              report->warning.find(" multishot-receive,") != std::string::npos,
          report->warning);
  require(summary(*report).ends_with("; warning: " + report->warning), summary(*report));
  const Result<std::string> word =
      run({.backend = backend, .signals = SignalPolicy::leave}, test::exchange_a_word);
  require(word && *word == "word", "the word arrives");
  std::_Exit(0);
}

class MisspeltFeatureTest : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    if (GetParam() == Backend::io_uring) skip_without_io_uring();
  }
};
WEIR_ON_EACH_BACKEND(MisspeltFeatureTest);

TEST_P(MisspeltFeatureTest, IsToldInTheReportAndChangesNothing) {
  EXPECT_EXIT(end_after_checking_warning(GetParam()), ::testing::ExitedWithCode(0), "");
}

TEST(DisabledFeatures, AreAllThatTheReportKnows) {
  std::vector<std::string_view> known;
  for (const BackendFeature& feature : reactor::probe_uring().features)
    known.push_back(feature.name);
  std::vector<std::string_view> tested;
  std::ranges::transform(features, std::back_inserter(tested), &Feature::name);

  EXPECT_EQ(known, tested);
}

}  // namespace
}  // namespace weir
