// Sticky packets: what becomes of messages on a byte stream, and three cures.
//
//     weir_sticky                                  both sides in this process: a table
//     weir_sticky receive CURE ADDRESS             one connection; prints its messages
//     weir_sticky send CURE ADDRESS [SIZE...]      sends messages of these sizes
//
//     none     the bytes of the messages, one after the other; the receiver sees reads
//     ack      the length in digits, wait for "ok", the message     (StopAndWait)
//     packed   the length as struct.pack('i'), the message          (LengthPrefix)
//     json     a JSON header with data_size, the message            (JsonHeader)
//
// CURE is one of these. On the wire they are what the tutorial's Python programs speak. Message k
// is made of the letter 'a' + k % 26.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cures.h"
#include "weir/weir.h"

namespace {

using sticky::message_bytes_max;
using sticky::patience;
using weir::Chain;
using weir::Result;
using weir::Task;
using weir::TcpStream;

/// What the tutorial's receivers ask recv() for.
constexpr std::size_t recv_bytes = 1024;

using Sizes = std::vector<std::size_t>;
/// Is given what a receiver takes for a message.
using Take = std::function<void(std::string)>;

std::string message(std::size_t index, std::size_t size) {
  return std::string(size, static_cast<char>('a' + index % 26));
}

Chain chain_of(std::string_view text) {
  return weir::Buffer::copy_of(std::as_bytes(std::span(text)));
}

// ---- sending -----------------------------------------------------------------------------------

Task<Result<void>> send_bare(TcpStream* stream, const Sizes* sizes) {
  for (std::size_t i = 0; i < sizes->size(); ++i) {
    const std::string text = message(i, (*sizes)[i]);
    const Result<void> written = co_await stream->write(text);
    if (!written) co_return written;
  }
  co_return co_await stream->shutdown_write();
}

template <typename C>
Task<Result<void>> send_framed(TcpStream* stream, const Sizes* sizes, C codec) {
  weir::FramedStream framed(std::move(*stream), codec);
  for (std::size_t i = 0; i < sizes->size(); ++i) {
    typename C::Frame frame;
    sticky::put(chain_of(message(i, (*sizes)[i])), frame);
    const Result<void> written = co_await framed.write(std::move(frame));
    if (!written) co_return written;
  }
  const Result<void> ended = co_await framed.stream().shutdown_write();
  *stream = std::move(framed.stream());
  co_return ended;
}

Task<Result<void>> send_acknowledged(TcpStream* stream, const Sizes* sizes) {
  auto sender = sticky::acknowledged_sender();
  Chain inbox;
  for (std::size_t i = 0; i < sizes->size(); ++i) {
    Chain output;
    const auto now = std::chrono::steady_clock::now();
    const Result<void> begun = sender.send(chain_of(message(i, (*sizes)[i])), now, output);
    if (!begun) co_return begun;
    Result<bool> acknowledged = false;
    do {
      const Result<void> written = co_await stream->write(std::move(output));
      if (!written) co_return written;
      output = Chain();
      Result<Chain> bytes = co_await stream->read();
      if (!bytes) co_return std::unexpected(bytes.error());
      if (bytes->empty()) co_return weir::fail(weir::Error::end_of_stream);
      inbox.append(std::move(*bytes));
      acknowledged = sender.receive(inbox, output);
      if (!acknowledged) co_return std::unexpected(acknowledged.error());
    } while (!*acknowledged);
    const Result<void> written = co_await stream->write(std::move(output));
    if (!written) co_return written;
  }
  co_return co_await stream->shutdown_write();
}

// ---- receiving ---------------------------------------------------------------------------------

Task<Result<void>> receive_bare(TcpStream* stream, const Take* take) {
  std::array<std::byte, recv_bytes> memory;
  for (;;) {
    const Result<std::size_t> bytes = co_await stream->read_into(memory);
    if (!bytes) co_return std::unexpected(bytes.error());
    if (*bytes == 0) co_return Result<void>();
    (*take)(std::string(reinterpret_cast<const char*>(memory.data()), *bytes));
  }
}

template <typename C>
Task<Result<void>> receive_framed(TcpStream* stream, const Take* take, C codec) {
  weir::FramedStream framed(std::move(*stream), codec);
  for (;;) {
    const auto frame = co_await framed.read();
    if (!frame) {
      std::fprintf(stderr, "weir_sticky: %s\n", framed.explain(frame.error()).c_str());
      co_return std::unexpected(frame.error());
    }
    if (!*frame) co_return Result<void>();
    (*take)(sticky::payload_of(**frame).to_string());
  }
}

/// Takes all that the bytes in the inbox make, and sends what the receiver has to say.
Task<Result<void>> take_acknowledged(TcpStream* stream, const Take* take, Chain* inbox,
                                     weir::protocols::StopAndWaitReceiver* receiver) {
  for (;;) {
    Chain output;
    const auto now = std::chrono::steady_clock::now();
    const Result<std::optional<Chain>> got = receiver->receive(*inbox, now, output);
    if (!got) co_return std::unexpected(got.error());
    if (!output.empty()) {
      const Result<void> written = co_await stream->write(std::move(output));
      if (!written) co_return written;
    }
    if (!*got) co_return Result<void>();
    (*take)((*got)->to_string());
  }
}

Task<Result<void>> receive_acknowledged(TcpStream* stream, const Take* take) {
  auto receiver = sticky::acknowledged_receiver();
  Chain inbox;
  for (;;) {
    const auto until = receiver.deadline().value_or(weir::TimePoint::max());
    auto reading = [stream]() -> Task<Result<Chain>> { co_return co_await stream->read(); };
    Task<Result<Chain>> read = reading();
    Result<Chain> bytes = co_await weir::with_deadline(until, std::move(read));
    if (!bytes && bytes.error() == std::errc::timed_out) {
      // The length stood alone long enough: it is whole.
      Chain output;
      const auto now = std::chrono::steady_clock::now();
      const Result<void> settled = receiver.expire(now, output);
      if (!settled) co_return settled;
      const Result<void> written = co_await stream->write(std::move(output));
      if (!written) co_return written;
    } else if (!bytes) {
      co_return std::unexpected(bytes.error());
    } else if (bytes->empty()) {
      co_return receiver.finish(inbox);
    } else {
      inbox.append(std::move(*bytes));
    }
    const Result<void> taken = co_await take_acknowledged(stream, take, &inbox, &receiver);
    if (!taken) co_return taken;
  }
}

// ---- the programs ------------------------------------------------------------------------------

struct Cure {
  std::string_view name;
  Task<Result<void>> (*send)(TcpStream*, const Sizes*);
  Task<Result<void>> (*receive)(TcpStream*, const Take*);
};

constexpr std::array<Cure, 4> cures{
    Cure{"none", send_bare, receive_bare},
    Cure{"ack", send_acknowledged, receive_acknowledged},
    Cure{"packed",
         [](TcpStream* s, const Sizes* sizes) { return send_framed(s, sizes, sticky::packed()); },
         [](TcpStream* s, const Take* take) { return receive_framed(s, take, sticky::packed()); }},
    Cure{"json",
         [](TcpStream* s, const Sizes* sizes) { return send_framed(s, sizes, sticky::json()); },
         [](TcpStream* s, const Take* take) { return receive_framed(s, take, sticky::json()); }},
};

Task<Result<void>> send(const Cure* cure, weir::Address address, const Sizes* sizes) {
  Result<TcpStream> stream = co_await weir::connect(address, {.timeout = patience});
  if (!stream) co_return std::unexpected(stream.error());
  Task<Result<void>> sending = cure->send(&*stream, sizes);
  co_return co_await weir::with_timeout(patience, std::move(sending));
}

Task<Result<void>> receive(const Cure* cure, weir::TcpListener* listener, const Take* take) {
  Result<TcpStream> stream = co_await listener->accept();
  if (!stream) co_return std::unexpected(stream.error());
  Task<Result<void>> receiving = cure->receive(&*stream, take);
  co_return co_await weir::with_timeout(patience, std::move(receiving));
}

Task<Result<void>> receive_at(const Cure* cure, weir::Address address) {
  Result<weir::TcpListener> listener =
      weir::TcpListener::bind(address, {.shards = weir::ListenOn::this_shard});
  if (!listener) co_return std::unexpected(listener.error());
  std::printf("READY %s\n", listener->address().to_string().c_str());
  std::fflush(stdout);
  const Take print = [cure](const std::string& text) {
    std::printf("%s %zu %.8s\n", cure->name == "none" ? "read" : "message", text.size(),
                text.c_str());
  };
  Task<Result<void>> receiving = receive(cure, &*listener, &print);
  co_return co_await std::move(receiving);
}

/// What a receiver made of the messages.
struct Counts {
  std::size_t taken = 0;   ///< what it took for messages
  std::size_t intact = 0;  ///< of those: they are the messages
  std::size_t merged = 0;  ///< hold bytes of several messages
  std::size_t cut = 0;     ///< messages that lie in several of those
};

Counts count(const std::vector<std::string>& taken, const Sizes& sizes) {
  Counts counts{.taken = taken.size()};
  std::size_t next = 0;  // the message that the next byte belongs to
  std::size_t left = sizes.empty() ? 0 : sizes[0];
  for (const std::string& text : taken) {
    if (next < sizes.size() && left == sizes[next] && text == message(next, sizes[next])) {
      ++counts.intact;
    }
    std::size_t messages_in_it = 0;
    for (std::size_t bytes = text.size(); bytes > 0 && next < sizes.size();) {
      const std::size_t step = std::min(bytes, left);
      ++messages_in_it;
      if (left == sizes[next] && step < left) ++counts.cut;
      bytes -= step;
      left -= step;
      if (left == 0 && ++next < sizes.size()) left = sizes[next];
    }
    if (messages_in_it > 1) ++counts.merged;
  }
  return counts;
}

Task<Result<void>> show() {
  Sizes sizes;
  for (std::size_t i = 0; i < 200; ++i) sizes.push_back(i % 2 == 0 ? 5 : 3000);
  std::printf("%zu messages, of 5 and of 3000 bytes in turn, over one TCP connection each\n\n",
              sizes.size());
  std::printf("%-8s %10s %10s %14s %14s\n", "cure", "received", "intact", "several in one",
              "cut in pieces");
  for (const Cure& cure : cures) {
    Result<weir::TcpListener> listener =
        weir::TcpListener::bind(weir::Address::loopback(0), {.shards = weir::ListenOn::this_shard});
    if (!listener) co_return std::unexpected(listener.error());
    std::vector<std::string> taken;
    const Take take = [&taken](std::string text) { taken.push_back(std::move(text)); };
    weir::Scope scope;
    scope.spawn(send(&cure, listener->address(), &sizes));
    scope.spawn(receive(&cure, &*listener, &take));
    const Result<void> done = co_await scope.join();
    if (!done) co_return done;
    const Counts counts = count(taken, sizes);
    std::printf("%-8.*s %10zu %10zu %14zu %14zu\n", static_cast<int>(cure.name.size()),
                cure.name.data(), counts.taken, counts.intact, counts.merged, counts.cut);
  }
  co_return Result<void>();
}

int usage() {
  std::fprintf(stderr,
               "usage: weir_sticky [receive CURE ADDRESS | send CURE ADDRESS [SIZE...]]\n"
               "CURE: none, ack, packed or json\n");
  return 2;
}

std::optional<Sizes> parse_sizes(char** at, char** end) {
  Sizes sizes;
  for (; at != end; ++at) {
    const std::string_view text = *at;
    std::size_t size = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc() || rest != text.data() + text.size() || size > message_bytes_max) {
      return std::nullopt;
    }
    sizes.push_back(size);
  }
  if (sizes.empty()) sizes = {5, 5, 100'000};
  return sizes;
}

int report(const Result<void>& done) {
  if (done) return EXIT_SUCCESS;
  std::fprintf(stderr, "weir_sticky: %s\n", done.error().message().c_str());
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) return report(weir::run({.shards = 1}, show));
  if (argc < 4) return usage();
  const std::string_view job = argv[1];
  const auto cure =
      std::find_if(cures.begin(), cures.end(), [&](const Cure& c) { return c.name == argv[2]; });
  const Result<weir::Address> address = weir::Address::parse(argv[3]);
  if (!address) {
    std::fprintf(stderr, "weir_sticky: %s\n", weir::explain_address_error(argv[3]).c_str());
    return 2;
  }
  if (cure == cures.end()) return usage();
  if (job == "receive" && argc == 4) {
    return report(weir::run({.shards = 1}, [&] { return receive_at(&*cure, *address); }));
  }
  const std::optional<Sizes> sizes = parse_sizes(argv + 4, argv + argc);
  if (job != "send" || !sizes) return usage();
  return report(weir::run({.shards = 1}, [&] { return send(&*cure, *address, &*sizes); }));
}
