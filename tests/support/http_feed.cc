// Every piece is a fresh allocation of its own size, so that a sanitizer sees a slice that outlives its bytes.
#include "support/http_feed.h"

#include <gtest/gtest.h>

#include <vector>

namespace spillway {

namespace {
struct Hearing : Heard {
  bool open = false;  // a message has begun
  bool has_body = false;

  void begin(const std::string& line) {
    if (!summary.empty()) summary += "; ";
    summary += line;
    open = true;
    has_body = false;
  }
  void body(std::string_view piece) {
    if (has_body) summary.pop_back();
    summary.append(has_body ? "" : " [").append(piece).append("]");
    has_body = true;
  }
  void end() {
    summary += " end";
    open = false;
  }
  void stop(const std::string& verdict) { summary += (summary.empty() ? "" : "; ") + verdict; }
  template <typename Head>
  void note(const Head& head) {
    for (const Header& field : head.headers) {
      fields.append(field.name).append("=").append(field.value).append("|");
    }
    fields += std::to_string(static_cast<int>(head.framing)) + " " + std::to_string(head.length) + " " +
              std::to_string(head.minor) + (head.keep_alive ? " keep" : " close") + "\n";
  }
};

void note_head(const RequestHead& head, Hearing& heard) {
  const std::string query = head.query.empty() ? "" : "?" + std::string(head.query);
  heard.begin(std::string(head.method) + " " + std::string(head.path) + query);
  heard.fields.append(head.target).append(" ").append(head.host).append(head.expect_continue ? " expect " : " ");
  heard.note(head);
}

void note_head(const ResponseHead& head, Hearing& heard) {
  heard.begin(std::to_string(head.status));
  heard.note(head);
}

std::string verdict(const RequestReader& reader, const Error& error) {
  const int status = reader.refusal().status;
  EXPECT_EQ(error.detail, reader.refusal().detail);
  EXPECT_EQ(error.source, Source::client);
  EXPECT_EQ(error.kind == Kind::limit, status == 413 || status == 414 || status == 431);
  return std::to_string(status);
}

std::string verdict(const ResponseReader&, const Error& error) {
  EXPECT_EQ(error.source, Source::upstream);
  return std::string(error.kind == Kind::limit ? "limit" : "invalid");
}

// False: the reader refused.
template <typename Reader>
bool feed(Reader& reader, std::string_view piece, Hearing& heard) {
  const std::vector<char> bytes(piece.begin(), piece.end());
  std::string_view in(bytes.data(), bytes.size());
  while (!in.empty()) {
    Result<Step> step = reader.next(in);
    if (!step) {
      heard.stop(verdict(reader, step.error()));
      EXPECT_FALSE(reader.next(in)) << "a reader that refused goes on";
      return false;
    }
    if (*step == Step::more) {
      EXPECT_TRUE(in.empty());
    }
    if (*step == Step::head) note_head(reader.head(), heard);
    if (*step == Step::body) heard.body(reader.body());
    if (*step == Step::end) heard.end();
  }
  return true;
}

template <typename Hear>
void check(const Case& item, Hear hear_pieces) {
  SCOPED_TRACE(item.name);
  const std::string_view bytes = item.bytes;
  const Heard whole = hear_pieces(Pieces{bytes});
  EXPECT_EQ(whole.summary, item.heard);
  const Heard single = hear_pieces(one_by_one(bytes));
  EXPECT_EQ(single.summary, whole.summary) << "byte by byte";
  EXPECT_EQ(single.fields, whole.fields) << "byte by byte";
  for (std::size_t cut = 1; cut<bytes.size(); cut += bytes.size()> 2000 ? 7 : 1) {
    const Heard halves = hear_pieces(Pieces{bytes.substr(0, cut), bytes.substr(cut)});
    if (halves.summary == whole.summary && halves.fields == whole.fields) continue;
    ADD_FAILURE() << "cut at " << cut << ": " << halves.summary << "\n" << halves.fields;
    return;
  }
}
}  // namespace

Heard hear(const Pieces& pieces, const ReadLimits& limits) {
  RequestReader reader(limits);
  Hearing heard;
  for (const std::string_view piece : pieces) {
    if (!feed(reader, piece, heard)) break;
  }
  return heard;
}

Heard hear(const Pieces& pieces, ResponseWay way, const ReadLimits& limits) {
  ResponseReader reader(limits);
  reader.expect(way.head_request);
  Hearing heard;
  for (const std::string_view piece : pieces) {
    if (!feed(reader, piece, heard)) return heard;
  }
  if (!way.eof) return heard;
  if (reader.finish()) {
    heard.end();
  } else {
    heard.stop("cut");
  }
  return heard;
}

Pieces one_by_one(std::string_view bytes) {
  Pieces pieces;
  for (std::size_t i = 0; i < bytes.size(); ++i) pieces.push_back(bytes.substr(i, 1));
  return pieces;
}

void check_requests(std::initializer_list<Case> cases, const ReadLimits& limits) {
  for (const Case& item : cases) check(item, [&](const Pieces& pieces) { return hear(pieces, limits); });
}

void check_responses(std::initializer_list<Case> cases, ResponseWay way, const ReadLimits& limits) {
  for (const Case& item : cases) check(item, [&](const Pieces& pieces) { return hear(pieces, way, limits); });
}

std::string hear_request(std::string_view bytes, const ReadLimits& limits) { return hear({bytes}, limits).summary; }

std::string hear_response(std::string_view bytes, const ReadLimits& limits) {
  return hear({bytes}, ResponseWay{}, limits).summary;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  while (times-- > 0) all.append(text);
  return all;
}

}  // namespace spillway
