// An address that never answers a connection: a listener whose backlog is full, so the kernel drops every SYN.
#pragma once
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"

namespace spillway {

class BlackHole {
 public:
  BlackHole() : listening_(socket(AF_INET, SOCK_STREAM, 0)), filling_(socket(AF_INET, SOCK_STREAM, 0)) {
    auto any = Address::literal("127.0.0.1", 0);
    EXPECT_EQ(bind(listening_, &any->any, any->size()), 0);
    EXPECT_EQ(listen(listening_, 0), 0);
    socklen_t size = sizeof address_.v6;
    getsockname(listening_, &address_.any, &size);
    EXPECT_EQ(connect(filling_, &address_.any, address_.size()), 0);
  }
  ~BlackHole() {
    ::close(filling_);
    ::close(listening_);
  }
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;
  const Address& address() const { return address_; }
  std::uint16_t port() const { return address_.port(); }

 private:
  int listening_;
  int filling_;
  Address address_;
};

// A port nobody listens on: bound and given back.
inline std::uint16_t closed_port() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  Address address = *Address::literal("127.0.0.1", 0);
  EXPECT_EQ(bind(probe, &address.any, address.size()), 0);
  socklen_t size = sizeof address.v6;
  getsockname(probe, &address.any, &size);
  ::close(probe);
  return address.port();
}

}  // namespace spillway
