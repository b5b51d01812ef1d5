// What can be set on a stream over a Unix socket, as on one over TCP.
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"

namespace weir {
namespace {

class UnixStreamTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UnixStreamTest);

int socket_option(const Stream& stream, int option) {
  int value = -1;
  socklen_t length = sizeof value;
  ::getsockopt(stream.native_handle(), SOL_SOCKET, option, &value, &length);
  return value;
}

TEST_P(UnixStreamTest, BuffersAreWhatTheKernelMadeOfThem) {
  run_net([]() -> Task<void> {
    auto [ours, theirs] = UnixStream::pair().value();
    constexpr std::size_t asked = 40'000;

    const Result<std::size_t> sending = ours.set_send_buffer(asked);
    const Result<std::size_t> receiving = ours.set_receive_buffer(asked);

    EXPECT_EQ(sending.value(), 2 * asked);  // socket(7): doubled
    EXPECT_EQ(receiving.value(), 2 * asked);
    EXPECT_EQ(socket_option(ours, SO_SNDBUF), static_cast<int>(2 * asked));
    EXPECT_EQ(socket_option(ours, SO_RCVBUF), static_cast<int>(2 * asked));
    co_return;
  });
}

TEST_P(UnixStreamTest, APeerThatNeverReadsIsLeftAtTheTimeLimit) {
  run_net([]() -> Task<void> {
    auto [ours, theirs] = UnixStream::pair().value();
    ours.set_close_timeout(std::chrono::milliseconds(30));
    ours.queue(Chain(Buffer::copy_of(std::vector<std::byte>(std::size_t{32} << 20)))).value();

    const TimePoint began = Clock::now();
    const Result<void> closed = co_await ours.close();

    EXPECT_EQ(closed.error(), from_errno(ETIMEDOUT));
    EXPECT_LT(Clock::now() - began, std::chrono::seconds(2));  // what it is unless set
  });
}

TEST_P(UnixStreamTest, NothingIsSetOnOneThatIsGone) {
  run_net([]() -> Task<void> {
    UnixStream gone;

    EXPECT_EQ(gone.set_send_buffer(4096).error(), Error::closed);
    EXPECT_EQ(gone.set_receive_buffer(4096).error(), Error::closed);
    gone.set_close_timeout(Duration(1));
    co_return;
  });
}

}  // namespace
}  // namespace weir
