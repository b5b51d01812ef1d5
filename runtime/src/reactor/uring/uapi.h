// What io_uring has that the headers of liburing 2.3 and Linux 6.1 do not know yet.
//
// Under names of our own, because newer headers declare some of these as enumerators, which no
// #ifndef can see. Each is used only after a self-test (probe.cpp) has seen it work: the versions
// are for readers. Values from include/uapi/linux/io_uring.h of Linux 6.18.
#pragma once

#include <cstdint>

namespace weir::reactor::uapi {

// io_uring_enter flags.
constexpr unsigned enter_no_iowait = 1U << 7U;  ///< IORING_ENTER_NO_IOWAIT, Linux 6.15

// io_uring_params::features.
constexpr std::uint32_t feature_no_iowait = 1U << 17U;  ///< IORING_FEAT_NO_IOWAIT, Linux 6.15

// Provided buffer rings.
constexpr std::uint16_t buffer_ring_incremental = 2;        ///< IOU_PBUF_RING_INC, Linux 6.12
constexpr std::uint32_t completion_buffer_more = 1U << 4U;  ///< IORING_CQE_F_BUF_MORE, Linux 6.12

// Zero-copy sends: in linux-libc-dev 6.1, not in liburing 2.3.
constexpr std::uint16_t send_zc_report_usage = 1U
                                               << 3U;  ///< IORING_SEND_ZC_REPORT_USAGE, Linux 6.2
constexpr std::uint32_t notification_copied = 1U
                                              << 31U;  ///< IORING_NOTIF_USAGE_ZC_COPIED, Linux 6.2

/// struct io_uring_buf_reg, whose `flags` are called `pad` in older headers.
struct BufferRingRegistration {
  std::uint64_t ring_address;
  std::uint32_t ring_entries;
  std::uint16_t group_id;
  std::uint16_t flags;
  std::uint64_t reserved[3];
};
static_assert(sizeof(BufferRingRegistration) == 40);

}  // namespace weir::reactor::uapi
