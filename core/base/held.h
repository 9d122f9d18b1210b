// Counts what libuv still holds of an object, so that it is destroyed in one place only.
//
// hold() once per open handle (dropped in its close_cb) and per uv_getaddrinfo or uv_queue_work (dropped in its
// callback). After begin_close() and the last drop(), gone() runs: the owner erases us there. Stream requests (write,
// connect, shutdown) need no hold, because libuv runs their callbacks before the handle's close_cb.
#pragma once
#include <cstdint>
#include <utility>

#include "base/error.h"

namespace spillway {

class Held {
 public:
  virtual ~Held() { CHECK(holds_ == 0); }
  bool closing() const { return closing_; }

 protected:
  void hold() { ++holds_; }
  void drop() {
    CHECK(holds_ > 0);
    if (--holds_ == 0 && closing_) gone();
  }
  // True the first time. The caller then closes its handles; if it holds none, it calls finish_close().
  bool begin_close() { return !std::exchange(closing_, true); }
  void finish_close() {
    if (holds_ == 0) gone();
  }

 private:
  virtual void gone() = 0;  // last statement anywhere: `this` may be destroyed inside
  std::uint32_t holds_ = 0;
  bool closing_ = false;
};

}  // namespace spillway
