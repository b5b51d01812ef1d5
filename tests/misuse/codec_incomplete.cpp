// What is not a Codec is refused where it is named, by the concept, not deep inside a stream.
#include "weir/protocols/codec.h"

struct Half {
  struct Frame {};
  weir::Result<std::optional<Frame>> decode(weir::Chain& input);
#ifndef WEIR_MISUSE
  weir::Result<> encode(Frame frame, weir::Chain& output);
#endif
};

template <weir::protocols::Codec C>
struct Stream {};

template struct Stream<Half>;
