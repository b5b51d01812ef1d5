// Zone files: the part of RFC 1035 section 5 that describes one zone of class IN.
//
//     $TTL 1h                            $ORIGIN and $TTL; no $INCLUDE, no $GENERATE
//     example.  SOA ns host 1 2h 10m 1w 5m
//               NS  ns                   a blank owner is the one before
//     ns  300 IN  A 192.0.2.1            TTL and class in any order, or not at all
//
// Types: SOA NS A AAAA MX TXT CNAME PTR SRV CAA. The first record is the SOA; the zone is where it
// is. Errors say where, what, and what to do.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "zone.h"
#include "zone_lexer.h"

namespace dns_responder {

inline constexpr std::size_t zone_file_bytes_max = std::size_t{64} << 20;

struct ZoneFileError {
  std::string file;
  Place place{};  ///< line 0: the file as a whole
  std::string what{};
  std::string remedy{};

  /// FILE:LINE:COLUMN: WHAT; REMEDY
  [[nodiscard]] std::string to_string() const;
};

using ZoneFileResult = std::expected<std::unique_ptr<const Zone>, ZoneFileError>;

/// \param file  only named in errors
[[nodiscard]] ZoneFileResult parse_zone_file(std::string_view text, const std::string& file);

/// Reads a file of at most `zone_file_bytes_max`.
[[nodiscard]] ZoneFileResult load_zone_file(const std::string& file);

}  // namespace dns_responder
