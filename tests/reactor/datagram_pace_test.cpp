// When datagrams count as coming one at a time.
#include "reactor/datagram/datagram_pace.h"

#include <gtest/gtest.h>

namespace weir::reactor {
namespace {

DatagramPace lone_pace() {
  DatagramPace pace;
  for (int i = 0; i < 16; ++i) pace.count_turn(1, /*has_large=*/false);
  return pace;
}

TEST(DatagramPace, IsLoneAfterSixteenTurnsWithOneEach) {
  DatagramPace pace;
  for (int i = 0; i < 15; ++i) pace.count_turn(1, /*has_large=*/false);
  EXPECT_FALSE(pace.is_lone());

  pace.count_turn(1, /*has_large=*/false);

  EXPECT_TRUE(pace.is_lone());
}

TEST(DatagramPace, TurnsWithoutAnyDoNotCount) {
  DatagramPace pace;
  for (int i = 0; i < 15; ++i) {
    pace.count_turn(1, /*has_large=*/false);
    pace.count_turn(0, /*has_large=*/false);
  }
  EXPECT_FALSE(pace.is_lone());

  pace.count_turn(1, /*has_large=*/false);

  EXPECT_TRUE(pace.is_lone());
}

TEST(DatagramPace, ACrowdOrALargeOneBeginsTheCountAnew) {
  for (const bool has_large : {false, true}) {
    SCOPED_TRACE(has_large);
    DatagramPace pace;
    for (int i = 0; i < 15; ++i) pace.count_turn(1, /*has_large=*/false);

    pace.count_turn(has_large ? 1 : 2, has_large);
    for (int i = 0; i < 15; ++i) pace.count_turn(1, /*has_large=*/false);

    EXPECT_FALSE(pace.is_lone());
  }
}

TEST(DatagramPace, StaysLoneThroughOneTurnWithTwo) {
  DatagramPace pace = lone_pace();

  for (std::uint64_t turn = 1; turn < 100; turn += 2) {
    pace.count_message(turn, /*is_large=*/false);
    pace.count_message(turn, /*is_large=*/false);
    pace.count_message(turn + 1, /*is_large=*/false);
  }

  EXPECT_TRUE(pace.is_lone());
}

TEST(DatagramPace, TwoTurnsInARowWithTwoAreACrowd) {
  DatagramPace pace = lone_pace();

  for (std::uint64_t turn = 1; turn <= 2; ++turn) {
    pace.count_message(turn, /*is_large=*/false);
    pace.count_message(turn, /*is_large=*/false);
  }

  EXPECT_FALSE(pace.is_lone());
}

TEST(DatagramPace, FourInATurnAreACrowd) {
  DatagramPace pace = lone_pace();

  for (int i = 0; i < 3; ++i) pace.count_message(1, /*is_large=*/false);
  EXPECT_TRUE(pace.is_lone());
  pace.count_message(1, /*is_large=*/false);

  EXPECT_FALSE(pace.is_lone());
}

TEST(DatagramPace, ALargeOneIsACrowd) {
  DatagramPace pace = lone_pace();

  pace.count_message(1, /*is_large=*/true);

  EXPECT_FALSE(pace.is_lone());
}

}  // namespace
}  // namespace weir::reactor
