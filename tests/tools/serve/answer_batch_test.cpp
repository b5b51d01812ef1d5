#include "tools/weir/serve/answer_batch.h"

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/buffer.h"

namespace weir::tools::serve {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::error_code too_long{EMSGSIZE, std::system_category()};

DatagramTrain train(std::string_view payload, std::uint32_t segment_bytes = 0) {
  DatagramTrain train{};
  train.payload = Buffer::copy_of(std::as_bytes(std::span(payload)));
  train.peer = Address::loopback(7000);
  train.segment_bytes = segment_bytes;
  return train;
}

/// A train of three, a datagram, an empty one.
DatagramBatch mixed_batch() {
  std::vector<DatagramTrain> trains;
  trains.push_back(train("aabbc", 2));
  trains.push_back(train("dd"));
  trains.push_back(train(""));
  return DatagramBatch(std::move(trains));
}

std::vector<std::string> texts(const AnswerBatch& answers) {
  std::vector<std::string> texts;
  for (const OutgoingDatagram& answer : answers.rest()) {
    std::string& text = texts.emplace_back();
    for (const std::byte byte : answer.payload) text += std::to_integer<char>(byte);
  }
  return texts;
}

TEST(AnswerBatch, AnswersEachTrainAsATrainToItsPeer) {
  const DatagramBatch batch = mixed_batch();
  AnswerBatch answers;

  answers.fill(batch);

  EXPECT_THAT(texts(answers), ElementsAre("aabbc", "dd", ""));
  EXPECT_EQ(answers.rest()[0].segment_bytes, 2U);
  EXPECT_EQ(answers.rest()[1].segment_bytes, 0U);
  EXPECT_EQ(answers.rest()[1].peer, InternetAddress(Address::loopback(7000)));
  EXPECT_TRUE(answers.rest()[1].source.is_none());
  EXPECT_EQ(answers.rest()[0].payload.data(), batch.trains()[0].payload.data());
}

TEST(AnswerBatch, AnswersFromTheAddressThatWasAsked) {
  std::vector<DatagramTrain> trains;
  trains.push_back(train("x"));
  trains.back().local = Address::ipv4({127, 0, 0, 2}, 9000);
  const DatagramBatch batch(std::move(trains));
  AnswerBatch answers;

  answers.fill(batch);

  EXPECT_EQ(answers.rest()[0].source, InternetAddress(Address::ipv4({127, 0, 0, 2}, 9000)));
}

TEST(AnswerBatch, IsDoneWhenAllAreTaken) {
  const DatagramBatch batch = mixed_batch();
  AnswerBatch answers;
  RefusedSends refused;
  answers.fill(batch);

  answers.settle({.accepted = 3, .datagrams = 5}, refused);

  EXPECT_TRUE(answers.empty());
  EXPECT_EQ(refused.total(), 0U);
}

TEST(AnswerBatch, SkipsTheOneDatagramThatIsRefused) {
  struct Case {
    const char* name;
    SendOutcome outcome;
    std::vector<std::string> rest;
  };
  for (const Case& c : {
           Case{"the first of a train", {.refused = too_long}, {"bbc", "dd", ""}},
           Case{"within a train", {.datagrams = 1, .refused = too_long}, {"c", "dd", ""}},
           Case{"the last of a train", {.datagrams = 2, .refused = too_long}, {"dd", ""}},
           Case{"one alone", {.accepted = 1, .datagrams = 3, .refused = too_long}, {""}},
           Case{"an empty one", {.accepted = 2, .datagrams = 4, .refused = too_long}, {}},
       }) {
    SCOPED_TRACE(c.name);
    const DatagramBatch batch = mixed_batch();
    AnswerBatch answers;
    RefusedSends refused;
    answers.fill(batch);

    answers.settle(c.outcome, refused);

    EXPECT_EQ(texts(answers), c.rest);
    EXPECT_EQ(refused.total(), 1U);
  }
}

TEST(AnswerBatch, EndsThoughEveryDatagramIsRefused) {
  const DatagramBatch batch = mixed_batch();
  AnswerBatch answers;
  RefusedSends refused;
  answers.fill(batch);
  int sends = 0;

  for (; !answers.empty(); ++sends) answers.settle({.refused = too_long}, refused);

  EXPECT_EQ(sends, 5);
  EXPECT_EQ(refused.total(), 5U);
}

TEST(AnswerBatch, ForgetsTheBatchBefore) {
  const DatagramBatch batch = mixed_batch();
  AnswerBatch answers;
  answers.fill(batch);

  answers.fill(DatagramBatch());

  EXPECT_TRUE(answers.empty());
  EXPECT_THAT(texts(answers), IsEmpty());
}

}  // namespace
}  // namespace weir::tools::serve
