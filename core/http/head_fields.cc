// llhttp parses the fields of heads; lines, limits, framing and bodies are ours (head_scan, request_check,
// response_check, framing, body). It always gets a whole head and is started anew for each, so it never decides where
// a message ends, never upgrades, and its version makes no difference.
#include "http/head_fields.h"

#include <llhttp.h>

#include "base/error.h"

namespace spillway {

namespace {
constexpr std::size_t kFieldsUsual = 16;

// Where the callbacks put what they see. An empty value may have no callback.
struct Fields {
  Headers& list;
  bool complete = false;
};

int field_cb(llhttp_t* parser, const char* at, size_t length) {
  static_cast<Fields*>(parser->data)->list.add({at, length}, {});
  return 0;
}

int value_cb(llhttp_t* parser, const char* at, size_t length) {
  while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t')) --length;
  static_cast<Fields*>(parser->data)->list.set_last_value({at, length});
  return 0;
}

int complete_cb(llhttp_t* parser) {
  static_cast<Fields*>(parser->data)->complete = true;
  return HPE_PAUSED;
}

const llhttp_settings_t& settings() {
  static const llhttp_settings_t made = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_header_field = field_cb;
    s.on_header_value = value_cb;
    s.on_headers_complete = complete_cb;
    return s;
  }();
  return made;
}

// True when llhttp reads the text as one head too, ending where we say that it ends.
bool run_llhttp(std::string_view text, llhttp_type_t type, Headers& list) {
  list.clear();
  list.reserve(kFieldsUsual);
  Fields fields{list};
  llhttp_t parser;
  llhttp_init(&parser, type, &settings());
  CHECK(parser.lenient_flags == 0);
  parser.data = &fields;
  const llhttp_errno_t error = llhttp_execute(&parser, text.data(), text.size());
  if (error != HPE_PAUSED || !fields.complete) return false;
  return llhttp_get_error_pos(&parser) >= text.data() + text.size() - 1;
}

}  // namespace

// llhttp takes no HTAB around the values of Content-Length and Transfer-Encoding, though RFC 9110 does.
bool read_fields(HeadScan& scan, HeadKind kind, Headers& list) {
  const llhttp_type_t type = kind == HeadKind::request ? HTTP_REQUEST : HTTP_RESPONSE;
  if (run_llhttp(scan.text(), type, list)) return true;
  return scan.space_outer_tabs() && run_llhttp(scan.text(), type, list);
}

}  // namespace spillway
