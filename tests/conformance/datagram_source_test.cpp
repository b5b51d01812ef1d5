// Datagram sources, on each backend: traffic that comes alone, in crowds, and now so, now so.
#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "reactor/datagram/datagram_receiver.h"
#include "reactor/uring/operation_bits.h"
#include "tests/support/datagram_sockets.h"
#include "tests/support/reactor_test.h"
#include "tests/support/seed.h"

namespace weir::test {
namespace {

using reactor::DatagramSource;
using reactor::OperationBit;
using testing::ElementsAre;

class DatagramSourceTest : public ReactorTest {
 protected:
  /// Turns until `count` datagrams have been taken.
  [[nodiscard]] std::vector<std::string> take(DatagramEnd& end, std::size_t count) {
    std::vector<std::string> texts;
    EXPECT_TRUE(driver().run_until([&] {
      end.take(texts);
      return texts.size() >= count;
    }));
    return texts;
  }
  /// All slabs but those that the reactor has.
  [[nodiscard]] std::vector<Buffer> spend_pool() {
    std::vector<Buffer> spent;
    reactor().trim();
    BufferPool& pool = driver().pool();
    while (Slab* const slab = pool.try_acquire()) {
      spent.push_back(Buffer::adopt(*slab, 0, pool.slab_bytes()));
    }
    return spent;
  }
  [[nodiscard]] bool has_ring() { return reactor().backend() == Backend::io_uring; }
};
INSTANTIATE_TEST_SUITE_P(Backends, DatagramSourceTest, each_backend(), backend_name);

std::vector<std::string> numbers(std::size_t from, std::size_t to) {
  std::vector<std::string> texts;
  for (; from < to; ++from) texts.push_back(std::to_string(from));
  return texts;
}

std::string filled(std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>((i * 7 + bytes) & 0xff);
  return text;
}

TEST_P(DatagramSourceTest, ALoneDatagramCostsTheRingNoSystemCallOfItsOwn) {
  DatagramEnd end(driver());
  PlainUdp peer(end.address());
  end.start();
  end.become_lone(peer);

  const std::uint64_t polls = driver().stats().polls;
  const std::uint64_t calls = driver().stats().system_calls;
  for (int i = 0; i < 10; ++i) {
    peer.send("alone");
    (void)take(end, 1);
  }

  // No more than one enter a poll.
  if (has_ring()) {
    EXPECT_LE(driver().stats().system_calls - calls, driver().stats().polls - polls);
  }
  EXPECT_EQ(reactor::has(end.source(), OperationBit::lone), has_ring());
}

TEST_P(DatagramSourceTest, KeepsOrderAndLosesNothingWhenThePaceChanges) {
  const Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  DatagramEnd end(driver());
  PlainUdp peer(end.address());
  end.start();
  std::vector<std::string> texts;
  std::size_t sent = 0;
  int changes = 0;
  bool was_lone = false;

  for (int phase = 0; phase < 60; ++phase) {
    const bool is_sparse = phase % 2 == 0;
    const std::size_t burst = is_sparse ? 1 : 2 + random() % 60;
    for (std::size_t rounds = is_sparse ? 8 + random() % 40 : 1 + random() % 3; rounds > 0;
         --rounds) {
      for (std::size_t i = 0; i < burst; ++i) peer.send(std::to_string(sent++));
      driver().turns(static_cast<int>(is_sparse && random() % 32 != 0 ? 1 : random() % 4));
      if (random() % 64 == 0) {
        // Somebody stops it in the midst; what it has received meanwhile stays.
        reactor().cancel(end.source());
        if (random() % 2 == 0) driver().turn();
        EXPECT_TRUE(end.source().finish());
        end.take(texts);
        end.source().until_drained = random() % 2 == 0;
        end.start();
        if (end.source().until_drained) {
          EXPECT_TRUE(end.source().finish());
          end.source().until_drained = false;
          end.start();
        }
      }
      const bool is_lone = reactor::has(end.source(), OperationBit::lone);
      changes += is_lone != was_lone ? 1 : 0;
      was_lone = is_lone;
    }
    EXPECT_TRUE(driver().run_until([&] {
      end.take(texts);
      return texts.size() >= sent;
    }));
  }

  EXPECT_EQ(texts, numbers(0, sent));
  if (has_ring()) {
    EXPECT_GT(changes, 2);
  }
}

TEST_P(DatagramSourceTest, ALoneDatagramMayHaveAnySize) {
  DatagramEnd end(driver());
  PlainUdp peer(end.address());
  end.start();
  for (const std::size_t bytes : {0UL, 1UL, 64UL, 1472UL, 2047UL, 2048UL, 2049UL, 3727UL, 3728UL,
                                  3729UL, 4096UL, 9000UL, 65168UL, 65506UL, 65507UL}) {
    SCOPED_TRACE(bytes);
    end.become_lone(peer);

    peer.send(filled(bytes));
    peer.send("next");
    const std::vector<std::string> texts = take(end, 2);

    EXPECT_THAT(texts, ElementsAre(filled(bytes), "next"));
  }
}

TEST_P(DatagramSourceTest, SaysThatALoneDatagramWasTruncated) {
  DatagramEnd end(driver(), /*payload_bytes_max=*/1024);
  PlainUdp peer(end.address());
  end.start();
  for (const std::size_t bytes : {1023UL, 1024UL, 1025UL, 65507UL}) {
    SCOPED_TRACE(bytes);
    end.become_lone(peer);

    peer.send(filled(bytes));
    ASSERT_TRUE(driver().run_until([&] { return !end.source().inbox.empty(); }));

    const DatagramTrain& train = end.source().inbox.front();
    EXPECT_EQ(train.wire_bytes, bytes);
    EXPECT_EQ(train.payload.size(), std::min<std::size_t>(bytes, 1024));
    EXPECT_EQ(train.truncated, bytes > 1024);
    end.source().inbox.clear();
  }
  EXPECT_EQ(end.socket().stats.datagrams_truncated, 2U);
}

TEST_P(DatagramSourceTest, ATrainAmongLoneDatagramsStaysWhole) {
  DatagramEnd end(driver());
  const int on = 1;
  if (::setsockopt(end.socket().fd, SOL_UDP, UDP_GRO, &on, sizeof on) != 0) {
    GTEST_SKIP() << "no UDP_GRO";
  }
  PlainUdp peer(end.address());
  end.start();
  end.become_lone(peer);
  const std::string text = filled(3 * 1200 + 100);

  if (!peer.send_train(text, 1200)) GTEST_SKIP() << "no UDP_SEGMENT";
  ASSERT_TRUE(driver().run_until([&] { return !end.source().inbox.empty(); }));

  const DatagramTrain& train = end.source().inbox.front();
  EXPECT_EQ(train.segment_bytes, 1200U);
  EXPECT_EQ(train.datagram_count(), 4U);
  std::vector<std::string> texts;
  end.take(texts);
  EXPECT_THAT(texts, ElementsAre(text));
}

TEST_P(DatagramSourceTest, ACrowdThatMeetsALoneReceiveArrivesWhole) {
  DatagramEnd end(driver());
  PlainUdp peer(end.address());
  end.start();
  end.become_lone(peer);

  for (const std::string& text : numbers(0, 200)) peer.send(text);
  const std::vector<std::string> texts = take(end, 200);

  EXPECT_EQ(texts, numbers(0, 200));
  EXPECT_FALSE(end.source().pace.is_lone());
}

TEST_P(DatagramSourceTest, DrainsWhatArrivedWhileTheKernelWasToReceive) {
  DatagramEnd end(driver());
  PlainUdp peer(end.address());
  end.start();
  end.become_lone(peer);

  for (const std::string& text : numbers(0, 50)) peer.send(text);
  end.stop();
  end.source().until_drained = true;
  end.start();
  ASSERT_TRUE(end.source().finish());
  std::vector<std::string> texts;
  end.take(texts);

  EXPECT_EQ(texts, numbers(0, 50));
  EXPECT_EQ(end.source().end, DatagramSource::End::stopped);
}

TEST_P(DatagramSourceTest, AFullInboxStopsALoneReceive) {
  DatagramEnd end(driver());
  PlainUdp peer(end.address());
  end.start();
  end.become_lone(peer);
  end.source().inbox_bytes_max = 1;

  for (const std::string& text : numbers(0, 40)) peer.send(text);
  ASSERT_TRUE(end.source().finish());
  EXPECT_EQ(end.source().end, DatagramSource::End::full);
  std::vector<std::string> texts;
  while (texts.size() < 40) {
    end.take(texts);
    if (!end.source().in_flight()) end.start();
    ASSERT_TRUE(
        driver().run_until([&] { return !end.source().inbox.empty() || texts.size() == 40; }));
  }

  EXPECT_EQ(texts, numbers(0, 40));
}

TEST_P(DatagramSourceTest, OnlySoManySourcesAreReceivedFor) {
  std::vector<std::unique_ptr<DatagramEnd>> ends;
  std::vector<std::unique_ptr<PlainUdp>> peers;
  for (int i = 0; i < 20; ++i) {
    ends.push_back(std::make_unique<DatagramEnd>(driver()));
    peers.push_back(std::make_unique<PlainUdp>(ends.back()->address()));
    ends.back()->start();
    ends.back()->become_lone(*peers.back());
  }

  const auto by_kernel = std::ranges::count_if(
      ends, [](const auto& end) { return reactor::has(end->source(), OperationBit::lone); });
  for (int round = 0; round < 3; ++round) {
    for (auto& peer : peers) peer->send("one");
    for (auto& peer : peers) peer->send("two");
    for (auto& end : ends) EXPECT_THAT(take(*end, 2), ElementsAre("one", "two"));
  }

  EXPECT_EQ(by_kernel, has_ring() ? 16 : 0);
}

TEST_P(DatagramSourceTest, ALoneDatagramWaitsForMemory) {
  restart({.slabs = 4});
  DatagramEnd end(driver());
  PlainUdp peer(end.address());
  end.start();
  end.become_lone(peer);
  std::vector<Buffer> spent = spend_pool();

  for (const std::string& text : numbers(0, 10)) peer.send(text);
  driver().turns(8);
  // What a slab that the reactor keeps has room for may arrive.
  const std::size_t before = end.source().inbox.size();
  spent.clear();
  const std::vector<std::string> texts = take(end, 10);

  EXPECT_LE(before, 10U);
  EXPECT_EQ(texts, numbers(0, 10));
  EXPECT_EQ(end.socket().stats.dropped_no_memory, 0U);
}

TEST_P(DatagramSourceTest, WhatWaitsForMemoryOutlivesAStop) {
  restart({.slabs = 4});
  DatagramEnd end(driver());
  PlainUdp peer(end.address());
  end.start();
  end.become_lone(peer);
  std::vector<Buffer> spent = spend_pool();

  for (const std::string& text : numbers(0, 10)) peer.send(text);
  driver().turns(4);
  end.stop();
  driver().turns(4);
  end.start();
  driver().turns(4);
  spent.clear();
  const std::vector<std::string> texts = take(end, 10);

  EXPECT_EQ(texts, numbers(0, 10));
}

// A drain waits for nothing: also not for memory.
TEST_P(DatagramSourceTest, ADrainCountsWhatItHasNoMemoryFor) {
  for (const bool is_lone : {false, true}) {
    SCOPED_TRACE(is_lone);
    restart({.slabs = 4});
    DatagramEnd end(driver());
    PlainUdp peer(end.address());
    const int on = 1;
    ::setsockopt(end.socket().fd, SOL_UDP, UDP_GRO, &on, sizeof on);
    if (is_lone) {
      end.start();
      end.become_lone(peer);
    }
    const std::vector<Buffer> spent = spend_pool();

    for (const std::string& text : numbers(0, 300)) peer.send(text);
    const bool has_train = peer.send_train(filled(3 * 1200 + 1), 1200);
    driver().turns(4);
    end.stop();
    const std::size_t before = end.source().inbox.size();
    end.source().until_drained = true;
    end.start();
    ASSERT_TRUE(end.source().finish());

    EXPECT_EQ(end.source().end, DatagramSource::End::stopped);
    EXPECT_EQ(end.source().inbox.size() + end.socket().stats.dropped_no_memory,
              300U + (has_train ? 4 : 0));
    EXPECT_EQ(end.source().inbox.size(), before);
    EXPECT_EQ(::recv(end.socket().fd, nullptr, 0, MSG_DONTWAIT), -1);
    EXPECT_EQ(errno, EAGAIN);
    end.source().inbox.clear();
  }
}

TEST_P(DatagramSourceTest, ASocketMayCloseWhileWhatItReceivedWaitsForMemory) {
  restart({.slabs = 4});
  std::vector<Buffer> spent;
  {
    DatagramEnd end(driver());
    PlainUdp peer(end.address());
    end.start();
    end.become_lone(peer);
    spent = spend_pool();
    for (int i = 0; i < 10; ++i) peer.send("lost");
    driver().turns(4);
  }
  spent.clear();

  DatagramEnd next(driver());
  PlainUdp peer(next.address());
  next.start();
  next.become_lone(peer);
  for (const std::string& text : numbers(0, 10)) peer.send(text);

  EXPECT_EQ(take(next, 10), numbers(0, 10));
}

// A full completion queue ends multishot polls, also of sources whose turn was over with something
// left to read: those go on from the new poll, and are in no list any more.
TEST_P(DatagramSourceTest, GoesOnWhenItsPollEndsWhileItHasMoreToRead) {
  std::vector<std::unique_ptr<DatagramEnd>> ends;
  std::vector<std::unique_ptr<PlainUdp>> peers;
  for (int i = 0; i < 12; ++i) {
    ends.push_back(std::make_unique<DatagramEnd>(driver()));
    peers.push_back(std::make_unique<PlainUdp>(ends.back()->address()));
    ends.back()->start();
  }
  driver().turns(2);
  std::size_t sent = 0;
  bool ended_unread = false;

  for (int round = 0; round < 4; ++round) {
    const std::size_t next = sent + reactor::DatagramReceiver::turn_messages_max + 20;
    for (auto& peer : peers) {
      for (std::size_t i = sent; i < next; ++i) peer->send(std::to_string(i));
    }
    sent = next;
    const std::uint64_t rearmed = driver().stats().sources_rearmed;
    driver().turn();
    // Now all have had a turn, and more comes before the next.
    for (auto& peer : peers) peer->send(std::to_string(sent));
    ++sent;
    driver().turns(2);
    ended_unread = ended_unread || driver().stats().sources_rearmed > rearmed;
  }

  for (auto& end : ends) EXPECT_EQ(take(*end, sent), numbers(0, sent));
  if (GetParam().name == "io_uring_cramped") {
    EXPECT_TRUE(ended_unread);
  }
}

TEST_P(DatagramSourceTest, ALoneReceiveTellsThatNobodyListens) {
  for (const bool has_error_queue : {false, true}) {
    SCOPED_TRACE(has_error_queue);
    DatagramEnd end(driver());
    PlainUdp peer(end.address());
    const int on = has_error_queue ? 1 : 0;
    ASSERT_EQ(::setsockopt(end.socket().fd, SOL_IP, IP_RECVERR, &on, sizeof on), 0);
    end.socket().has_error_queue = has_error_queue;
    end.connect(peer);
    end.start();
    end.become_lone(peer);
    peer.close();

    ASSERT_EQ(::send(end.socket().fd, "?", 1, 0), 1);
    ASSERT_TRUE(end.source().finish());

    EXPECT_EQ(end.source().end, DatagramSource::End::failed);
    EXPECT_EQ(end.source().result, -ECONNREFUSED);
    EXPECT_EQ(end.socket().errors.empty(), !has_error_queue);
  }
}

TEST_P(DatagramSourceTest, ALoneReceiveOfManyPeersGoesOnAfterAnErrorOfOne) {
  DatagramEnd end(driver());
  PlainUdp peer(end.address());
  const int on = 1;
  ASSERT_EQ(::setsockopt(end.socket().fd, SOL_IP, IP_RECVERR, &on, sizeof on), 0);
  end.socket().has_error_queue = true;
  const sockaddr_in closed = [&] {
    const DatagramEnd other(driver());
    return other.address();
  }();
  end.start();
  for (std::size_t errors : {1UL, 10UL, 200UL}) {
    SCOPED_TRACE(errors);
    end.become_lone(peer);
    const std::uint64_t received = end.socket().stats.errors_received;

    for (std::size_t i = 0; i < errors; ++i) {
      // An error of the one before may be told instead of sending: again.
      while (::sendto(end.socket().fd, "?", 1, MSG_DONTWAIT, PlainUdp::as_sockaddr(&closed),
                      sizeof closed) < 0) {
      }
    }
    ASSERT_TRUE(driver().run_until(
        [&] { return end.socket().stats.errors_received >= received + errors; }));
    peer.send("still here");

    EXPECT_THAT(take(end, 1), ElementsAre("still here"));
  }
}

}  // namespace
}  // namespace weir::test
