// Property: text is a zone that answers for its apex, or an error with a place in the text, a
// reason and a remedy.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "examples/dns_responder/zone_file.h"
#include "tests/fuzz/fuzz_target.h"

namespace zone_file_fuzz {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

WEIR_FUZZ_TARGET(zone_file)(const std::uint8_t* bytes, std::size_t size) {
  using namespace dns_responder;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);

  const ZoneFileResult zone = parse_zone_file(text, "fuzz");
  if (!zone) {
    const ZoneFileError& error = zone.error();
    require(!error.what.empty() && !error.remedy.empty());
    const auto lines = std::ranges::count(text, '\n') + 1;
    require(error.place.line >= 1 && static_cast<long>(error.place.line) <= lines);
    require(error.place.column >= 1 && error.place.column <= size + 1);
    return 0;
  }
  const Lookup soa = (*zone)->find((*zone)->origin(), RecordType::soa);
  require(soa.finding == Finding::records && soa.node == &(*zone)->apex());
  require(soa.set->records.size() == 1 && (*zone)->record_count() >= 2);
  return 0;
}

}  // namespace zone_file_fuzz
