#include "weir/protocols/json_header.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "frame_memory.h"
#include "weir/base/bytes.h"
#include "weir/protocols/byte_cursor.h"
#include "weir/protocols/frame_view.h"

namespace weir::protocols {
namespace {

constexpr std::size_t prefix_bytes = 4;
constexpr std::string_view size_key = "data_size";
constexpr int number_overflow_id = 406;  // of the parser's out_of_range

// Watches the parser go by; a callback that returns false ends it. No document is built.
class HeaderReader {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  explicit HeaderReader(std::size_t nesting_max) noexcept : nesting_max_(nesting_max) {}

  [[nodiscard]] std::optional<std::uint64_t> size() const noexcept { return size_; }
  [[nodiscard]] Error error() const noexcept { return error_; }

  bool null() { return other_value(); }
  bool boolean(bool /*value*/) { return other_value(); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) { return other_value(); }
  bool string(string_t& /*value*/) { return other_value(); }
  bool binary(binary_t& /*value*/) { return other_value(); }
  // Below 0, or "-0", which no writer of sizes has a reason to send.
  bool number_integer(number_integer_t /*value*/) { return other_value(); }
  bool number_unsigned(number_unsigned_t value) { return whole_number(value); }

  bool start_object(std::size_t /*elements*/) { return open(); }
  bool end_object() { return close(); }
  bool start_array(std::size_t /*elements*/) { return !keys_.empty() && open(); }
  bool end_array() { return close(); }
  bool key(string_t& key) {
    is_size_next_ = keys_.size() == 1 && key == size_key;
    if (!keys_.back().insert(key).second) return stop(Error::header_key_duplicate);
    return true;
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::json::exception& error) {
    // A number that not even a double can hold is a size all the same, an invalid one.
    if (error.id == number_overflow_id && is_size_next_) return stop(Error::payload_size_invalid);
    return false;
  }

 private:
  bool stop(Error error) noexcept {
    error_ = error;
    return false;
  }

  bool open() {
    if (std::exchange(is_size_next_, false)) return stop(Error::payload_size_invalid);
    if (keys_.size() == nesting_max_) return false;
    keys_.emplace_back();  // stays empty for an array
    return true;
  }

  bool close() {
    keys_.pop_back();
    return true;
  }

  // Any value but a whole number from 0.
  bool other_value() {
    if (is_size_next_) return stop(Error::payload_size_invalid);
    return !keys_.empty();
  }

  bool whole_number(std::uint64_t value) {
    if (!is_size_next_) return !keys_.empty();
    is_size_next_ = false;
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return stop(Error::payload_size_invalid);
    }
    size_ = value;
    return true;
  }

  std::size_t nesting_max_;
  std::vector<std::set<std::string>> keys_;  // of each object that is open
  std::optional<std::uint64_t> size_;
  Error error_ = Error::header_malformed;
  bool is_size_next_ = false;
};

// What the first bytes say, unsigned.
std::size_t header_bytes_of(const Chain& input) noexcept {
  std::array<std::byte, prefix_bytes> prefix;
  ByteCursor(input).copy_to(prefix);
  return load_le<std::uint32_t>(prefix);
}

// The "data_size" of a header.
Result<std::uint64_t> payload_size_of(std::string_view header, std::size_t nesting_max) {
  // The parser would pass over a byte order mark, which is no JSON.
  if (header.starts_with('\xEF')) return fail(Error::header_malformed);
  // And it takes a NUL for the end of the text, whatever stands behind it.
  if (header.contains('\0')) return fail(Error::header_malformed);
  HeaderReader reader(nesting_max);
  if (!nlohmann::json::sax_parse(header, &reader)) return fail(reader.error());
  if (!reader.size()) return fail(Error::payload_size_invalid);
  return *reader.size();
}

}  // namespace

JsonHeader::JsonHeader(const Options& options) noexcept : options_(options) {
  options_.header_bytes_max =
      std::min<std::size_t>(options.header_bytes_max, std::numeric_limits<std::int32_t>::max());
}

Result<std::optional<JsonHeader::Awaited>> JsonHeader::read_header(const Chain& input) const {
  if (input.size() < prefix_bytes) return std::nullopt;
  // A length below 0 is far over the limit, which an int32 can hold.
  const std::size_t size = header_bytes_of(input);
  if (size == 0 || size > options_.header_bytes_max) return fail(Error::header_size_invalid);
  if (input.size() - prefix_bytes < size) return std::nullopt;

  std::string header = ByteCursor(input).view(prefix_bytes, size).to_string();
  const auto payload_bytes = payload_size_of(header, options_.nesting_max);
  if (!payload_bytes) return fail(payload_bytes.error());
  if (*payload_bytes > options_.payload_bytes_max) return fail(Error::frame_too_large);
  return Awaited{std::move(header), static_cast<std::size_t>(*payload_bytes)};
}

Result<std::optional<JsonFrame>> JsonHeader::decode(Chain& input) {
  if (!awaited_) {
    auto awaited = read_header(input);
    if (!awaited) return fail(awaited.error());
    if (!*awaited) return std::nullopt;
    awaited_ = std::move(*awaited);
  }
  const std::size_t header_bytes = prefix_bytes + awaited_->header.size();
  if (input.size() - header_bytes < awaited_->payload_bytes) return std::nullopt;

  JsonFrame frame(std::move(awaited_->header), {});
  frame.payload = ByteCursor(input).view(header_bytes, awaited_->payload_bytes).retain();
  input.trim_front(header_bytes + awaited_->payload_bytes);
  awaited_.reset();
  return frame;
}

Result<> JsonHeader::encode(Frame frame, Chain& output) const {
  if (frame.payload.size() > options_.payload_bytes_max) return fail(Error::frame_too_large);
  if (frame.header.empty()) {
    frame.header = R"({"data_size": )" + std::to_string(frame.payload.size()) + "}";
  } else {
    const auto payload_bytes = payload_size_of(frame.header, options_.nesting_max);
    if (!payload_bytes) return fail(payload_bytes.error());
    if (*payload_bytes != frame.payload.size()) return fail(Error::payload_size_invalid);
  }
  if (frame.header.size() > options_.header_bytes_max) return fail(Error::header_size_invalid);

  Result<Buffer> head = detail::allocate_bytes(prefix_bytes + frame.header.size());
  if (!head) return fail(head.error());
  std::byte* const target = head->writable().data();
  store_le<std::uint32_t>(target, static_cast<std::uint32_t>(frame.header.size()));
  std::memcpy(target + prefix_bytes, frame.header.data(), frame.header.size());
  output.append(std::move(*head));
  output.append(std::move(frame.payload));
  return {};
}

std::size_t JsonHeader::missing_bytes(const Chain& rest) const noexcept {
  if (awaited_) {
    return prefix_bytes + awaited_->header.size() + awaited_->payload_bytes - rest.size();
  }
  if (rest.size() < prefix_bytes) return prefix_bytes - rest.size();
  return prefix_bytes + header_bytes_of(rest) - rest.size();
}

}  // namespace weir::protocols
