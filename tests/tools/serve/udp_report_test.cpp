#include "tools/weir/serve/udp_report.h"

#include <cerrno>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/serve/udp_run.h"

namespace weir::tools::serve {
namespace {

UdpReport example_report() {
  UdpReport report{.datagrams_in = 10, .bytes_in = 1000};
  report.stats.trains_received = 2;
  report.stats.datagrams_sent = 9;
  report.stats.bytes_sent = 900;
  report.stats.trains_sent = 1;
  report.stats.dropped_newest = 3;
  report.stats.dropped_oldest = 4;
  report.stats.dropped_no_memory = 5;
  report.stats.dropped_by_kernel = 6;
  report.stats.receive_pauses = 7;
  report.refused.add({EMSGSIZE, std::system_category()});
  report.streams.streams = 1;
  return report;
}

TEST(UdpReport, TellsTheDropsApart) {
  EXPECT_EQ(summary_text(example_report()),
            "10 datagrams in (1000 bytes, 2 trains), 9 datagrams out (900 bytes, 1 trains), 1 "
            "answers refused (1 Message too long), dropped 3 newest and 4 oldest of the queue, 5 "
            "for want of memory, 6 by the socket buffer, 7 receive pauses");
}

TEST(UdpReport, TellsOfControlDataThatWasCutOffIfThereWasAny) {
  UdpReport report = example_report();
  report.stats.control_truncated = 8;

  EXPECT_THAT(summary_text(report),
              testing::EndsWith("7 receive pauses, 8 receives with their control data cut off"));
}

TEST(UdpReport, SumsTheShards) {
  UdpReport report = example_report();

  report += example_report();

  EXPECT_EQ(summary_text(report),
            "20 datagrams in (2000 bytes, 4 trains), 18 datagrams out (1800 bytes, 2 trains), 2 "
            "answers refused (2 Message too long), dropped 6 newest and 8 oldest of the queue, 10 "
            "for want of memory, 12 by the socket buffer, 14 receive pauses");
  EXPECT_EQ(report.streams.streams, 2U);
}

TEST(UdpReport, StreamsAreFollowedWhereTheyMeetOneShard) {
  const Steering by_flow{.by = Steering::By::flow};
  const Steering by_cpu{.by = Steering::By::cpu};
  const Steering by_stream_id{.by = Steering::By::payload, .offset = 4, .bytes = 4};
  const Steering by_sequence{.by = Steering::By::payload, .offset = 12, .bytes = 4};
  const Steering by_both{.by = Steering::By::payload, .offset = 6, .bytes = 4};

  EXPECT_TRUE(keeps_streams_together(by_cpu, 1));
  EXPECT_TRUE(keeps_streams_together(by_flow, 2));
  EXPECT_TRUE(keeps_streams_together(by_stream_id, 2));
  EXPECT_FALSE(keeps_streams_together(by_cpu, 2));
  EXPECT_FALSE(keeps_streams_together(by_sequence, 2));
  EXPECT_FALSE(keeps_streams_together(by_both, 2));
}

}  // namespace
}  // namespace weir::tools::serve
