// What a client's connection knows of a form that passes on while it comes. Owner: the Client. Thread: its loop's.
#pragma once
#include <cstdint>
#include <string_view>

#include "llm/form.h"
#include "proxy/client.h"

namespace spillway {

struct Client::Upload {
  explicit Upload(std::string_view content_type) : form(content_type) {}
  FormReader form;
  std::uint64_t received = 0, marked = 0;  // of the form; when the clock was last looked at
  int models = 0;                          // named when the request began
  bool begun = false;                      // the request has
  bool flowing = false;                    // and takes more
};

}  // namespace spillway
