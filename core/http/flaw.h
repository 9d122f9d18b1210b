// What is wrong with a message, found by one of the checks of http/: the status to refuse a request with, and why.
// The reasons are literals, so a fault costs nothing until somebody makes an Error of it.
#pragma once

namespace spillway {

struct Flaw {
  int status = 0;  // 0: nothing is wrong
  const char* detail = "";
  explicit operator bool() const { return status != 0; }
};

}  // namespace spillway
