// The names of backends and the line that tells which one runs.
#include "weir/core/backend_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using ::testing::EndsWith;

TEST(BackendReport, NamesAreReadBack) {
  for (const Backend backend : {Backend::automatic, Backend::io_uring, Backend::epoll}) {
    EXPECT_EQ(parse_backend(to_string(backend)), backend);
  }
}

TEST(BackendReport, OtherNamesAreRefused) {
  for (const char* const text : {"", "iouring", "io-uring", "automatic", "Epoll", " epoll"}) {
    const auto parsed = parse_backend(text);

    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error(), Error::option_invalid);
  }
}

TEST(BackendReport, SummaryNamesFeaturesUsedAndThoseThatAreNotWithTheReason) {
  const BackendReport report{
      Backend::io_uring,
      "it works",
      "",
      {{"multishot receive", FeatureState::used, "one request, many messages", ""},
       {"fixed files", FeatureState::unused, "not needed", ""},
       {"bundles", FeatureState::failed_self_test, "out of order", ""},
       {"zero-copy send", FeatureState::disabled, "", ""}}};

  EXPECT_EQ(summary(report),
            "backend io_uring: it works; features: multishot receive; "
            "not: bundles (out of order), zero-copy send (disabled)");
}

TEST(BackendReport, SummaryOfEpollTellsTheRemedyAndNoRingFeatures) {
  const BackendReport report{Backend::epoll,
                             "io_uring is forbidden",
                             "allow it",
                             {{"multishot receive", FeatureState::unavailable, "EPERM", ""}}};

  EXPECT_EQ(summary(report), "backend epoll: io_uring is forbidden; remedy: allow it");
}

TEST(BackendReport, SummaryEndsWithTheWarningOnEitherBackend) {
  for (const Backend backend : {Backend::io_uring, Backend::epoll}) {
    BackendReport report{backend, "so", "", {{"cancel", FeatureState::used, "", ""}}};
    report.warning = "not everything was understood";

    EXPECT_THAT(summary(report), EndsWith("; warning: not everything was understood"));
  }
}

}  // namespace
}  // namespace weir
