#include "reactor/accept_error.h"

#include <gtest/gtest.h>

namespace weir::reactor {
namespace {

TEST(AcceptError, WhatAcceptPassesOnIsOfOneConnection) {
  for (const int error : {ECONNABORTED, ENETDOWN, EPROTO, ENOPROTOOPT, EHOSTDOWN, ENONET,
                          EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH}) {
    EXPECT_TRUE(concerns_one_connection(error)) << error;
  }
}

TEST(AcceptError, ShortagesAndFaultsOfTheListenerAreNot) {
  for (const int error : {0, EMFILE, ENFILE, ENOBUFS, ENOMEM, EBADF, EINVAL, ENOTSOCK, EPERM, EINTR,
                          EAGAIN, ECANCELED}) {
    EXPECT_FALSE(concerns_one_connection(error)) << error;
  }
}

}  // namespace
}  // namespace weir::reactor
