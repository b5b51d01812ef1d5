// A query takes nothing from the heap, whatever it asks.
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "examples/dns_responder/responder.h"
#include "examples/dns_responder/zone_file.h"
#include "tests/conformance/allocation/new_counter.h"
#include "weir/base/allocate.h"

namespace dns_responder {
namespace {

std::vector<std::byte> query_for(const std::string& wire_name, unsigned type) {
  std::string bytes("\x12\x34\0\0\0\1\0\0\0\0\0\1", 12);
  bytes += wire_name;
  bytes += std::string("\0", 1);
  bytes += {static_cast<char>(type >> 8), static_cast<char>(type), '\0', '\1'};
  bytes += std::string("\0\0\x29\x04\xd0\0\0\0\0\0\0", 11);
  std::vector<std::byte> query;
  for (const char byte : bytes) query.push_back(static_cast<std::byte>(byte));
  return query;
}

TEST(Respond, AllocatesNothing) {
  const auto zone = std::move(load_zone_file(WEIR_EXAMPLE_ZONE)).value();
  const Responder responder(*zone);
  const std::string apex = "\7example";
  const std::vector<std::vector<std::byte>> queries{query_for("\3www" + apex, 1),
                                                    query_for("\4home" + apex, 1),
                                                    query_for("\4nope" + apex, 1),
                                                    query_for("\1x\4wild" + apex, 15),
                                                    query_for("\3www\3sub" + apex, 1),
                                                    query_for("\4huge" + apex, 16),
                                                    query_for("\6circle" + apex, 1),
                                                    query_for(apex, 255),
                                                    query_for("\4test", 1)};
  std::vector<std::byte> response(response_bytes_max);
  std::size_t bytes = 0;
  const std::uint64_t news_before = weir::test::new_count();
  const std::uint64_t blocks_before = weir::allocation_count();

  for (const auto& query : queries) {
    bytes += responder.respond(query, Transport::udp, response);
    bytes += responder.respond(query, Transport::tcp, response);
  }

  EXPECT_EQ(weir::test::new_count() - news_before, 0U);
  EXPECT_EQ(weir::allocation_count() - blocks_before, 0U);
  EXPECT_GT(bytes, queries.size() * 2 * 12);
}

}  // namespace
}  // namespace dns_responder
