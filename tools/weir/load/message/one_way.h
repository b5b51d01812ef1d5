// The dialogue with a sink: requests leave, and whatever comes back is nobody's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tools/weir/load/message/dialogue.h"
#include "tools/weir/load/message/request_writer.h"

namespace weir::tools::load {

class OneWay final : public Dialogue {
 public:
  OneWay(const MessageOptions& options, std::uint32_t connection, std::uint64_t seed)
      : writer_(options, connection, seed) {}

  std::size_t append_request(const RequestFacts& request, Chain& out) override {
    (void)writer_.append(request, out);
    return writer_.wire_bytes();
  }
  [[nodiscard]] std::size_t cut_of_request() const noexcept override { return writer_.cut(); }
  [[nodiscard]] std::expected<std::uint64_t, std::string> take(const Chain& /*bytes*/) override {
    return 0;
  }
  [[nodiscard]] bool expects_answers() const noexcept override { return false; }
  void restart() override {}

 private:
  RequestWriter writer_;
};

}  // namespace weir::tools::load
