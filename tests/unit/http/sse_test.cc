// Events however the bytes were cut (WHATWG HTML 9.2.5, 9.2.6), and raw bytes that add up to the input.
#include "http/sse.h"

#include <gtest/gtest.h>

#include <vector>

namespace spillway {
namespace {

constexpr std::size_t kMax = 1000;

struct Heard {
  std::string events;  // `type|data;` each, `-` for one without data
  std::string raw;
  std::string marked;  // raw with a mark after each event
  bool mid = false;
};

void feed(SseReader& reader, std::string_view piece, Heard& heard) {
  const std::vector<char> bytes(piece.begin(), piece.end());
  std::string_view in(bytes.data(), bytes.size());
  SseEvent event;
  while (true) {
    Result<bool> got = reader.next(in, event);
    ASSERT_TRUE(got);
    if (!*got) break;
    heard.events.append(event.type).append("|").append(event.has_data ? event.data : "-").append(";");
    heard.raw.append(event.raw);
    heard.marked.append(event.raw).append("#");
  }
  EXPECT_TRUE(in.empty());
  heard.mid = reader.mid_event();
}

Heard hear(std::initializer_list<std::string_view> pieces) {
  SseReader reader(kMax);
  Heard heard;
  for (const std::string_view piece : pieces) feed(reader, piece, heard);
  return heard;
}

// Whole, byte by byte and in three pieces: the same events, cut at the same bytes.
Heard check(const std::string& bytes, const std::string& events) {
  SCOPED_TRACE(bytes);
  const std::string_view all = bytes;
  const Heard whole = hear({all});
  EXPECT_EQ(whole.events, events);
  EXPECT_EQ(bytes.substr(0, whole.raw.size()), whole.raw) << "forwarding is not byte-exact";
  SseReader reader(kMax);
  Heard single;
  for (std::size_t i = 0; i < all.size(); ++i) feed(reader, all.substr(i, 1), single);
  EXPECT_EQ(single.marked, whole.marked) << "byte by byte";
  EXPECT_EQ(single.events, whole.events) << "byte by byte";
  EXPECT_EQ(single.mid, whole.mid) << "byte by byte";
  for (std::size_t a = 0; a <= all.size(); ++a) {
    for (std::size_t b = a; b <= all.size(); ++b) {
      const Heard cut = hear({all.substr(0, a), all.substr(a, b - a), all.substr(b)});
      EXPECT_EQ(cut.marked + cut.events, whole.marked + whole.events) << "cut at " << a << " and " << b;
    }
  }
  return whole;
}

TEST(Sse, events_end_at_an_empty_line_of_any_kind) {
  check("data: a\n\ndata: b\n\n", "|a;|b;");
  check("data: a\r\n\r\ndata: b\r\n\r\n", "|a;|b;");
  check("data: a\r\rdata: b\r\r", "|a;|b;");
  check("data: a\n\r\ndata: b\r\n\n", "|a;|b;");
  check("data: a\r\r\ndata: b\r\r", "|a;|b;");
  check("data: a\r\n\rdata: b\n\n", "|a;|b;");
  check("data: a\n\rdata: b\n\n", "|a;|b;");
  check("data: a\r\n\n", "|a;");
  check("data: a\rdata: b\r\r", "|a\nb;");
}

TEST(Sse, data_has_one_blank_less_and_joins_its_lines_with_lf) {
  check("data:a\n\n", "|a;");
  check("data:  a \n\n", "| a ;");
  check("data:\ta\n\n", "|\ta;");
  check("data\n\n", "|;");
  check("data:\n\n", "|;");
  check("data: a\ndata: b\n\n", "|a\nb;");
  check("data: a\r\ndata: b\r\ndata:\r\n\r\n", "|a\nb\n;");
  check("data\ndata\n\n", "|\n;");
  check("data: a:b: c\n\n", "|a:b: c;");
  check("data: {\"a\": \"b\\n\"}\n\n", "|{\"a\": \"b\\n\"};");
  check("data: [DONE]\n\n", "|[DONE];");
}

TEST(Sse, other_fields_are_the_type_or_nothing) {
  check("event: message_start\ndata: a\n\n", "message_start|a;");
  check("data: a\nevent:x\n\n", "x|a;");
  check("event: x\nevent: y\ndata: a\n\n", "y|a;");
  check("event: x\r\ndata: a\r\n\r\n", "x|a;");
  check("event: x\n\n", "x|-;");
  check("id: 1\nretry: 5\ndata: a\n\n", "|a;");
  check("Data: a\n\n", "|-;");
  check("datax: a\n\n", "|-;");
  check(" data: a\n\n", "|-;");
  check("event: x\ndata: a\n\ndata: b\n\n", "x|a;|b;");
}

TEST(Sse, comments_and_empty_lines_are_events_without_data) {
  check(": OPENROUTER PROCESSING\n\ndata: a\n\n", "|-;|a;");
  check(":\n\n", "|-;");
  check(": ping\ndata: a\n\n", "|a;");
  check("\n\ndata: a\n\n", "|-;|-;|a;");
  check("data: a\n\n\ndata: b\n\n", "|a;|-;|b;");
  check("\r\n\r\ndata: a\r\n\r\n", "|-;|-;|a;");
}

TEST(Sse, a_bom_in_front_is_in_the_raw_bytes_only) {
  const Heard heard = check(
      "\xEF\xBB\xBF"
      "data: a\n\ndata: b\n\n",
      "|a;|b;");
  EXPECT_EQ(heard.raw.substr(0, 3), "\xEF\xBB\xBF");
  check("\xEF\xBB\xBF: x\n\ndata: a\n\n", "|-;|a;");
  check(
      "data: a\n\n\xEF\xBB\xBF"
      "data: b\n\n",
      "|a;|-;");
  check("data: \xEF\xBB\xBF\n\n", "|\xEF\xBB\xBF;");
}

TEST(Sse, an_unfinished_event_is_held_and_known) {
  EXPECT_TRUE(check("data: a\n\ndata: b", "|a;").mid);
  EXPECT_TRUE(check("data: a\n", "").mid);
  EXPECT_FALSE(check("data: a\n\n", "|a;").mid);
  EXPECT_FALSE(check("data: a\r\n\r\n", "|a;").mid);
  EXPECT_FALSE(check("data: a\r\r", "|a;").mid) << "in a stream of CR the last event must not wait for another byte";
  EXPECT_FALSE(check("data: a\r\r\n", "|a;").mid) << "the spare LF is no event";
  EXPECT_TRUE(check("data: a\r\n\r", "").mid) << "half of the end is missing";
  EXPECT_FALSE(hear({""}).mid);
}

TEST(Sse, raw_bytes_and_the_held_ones_are_the_input) {
  const std::string bytes = "data: a\r\n\r\n: c\n\n\xEF\xBB\xBF\n\ndata: b\r\rdata: c\n\n";
  EXPECT_EQ(check(bytes, "|a;|-;|-;|b;|c;").raw, bytes);
}

TEST(Sse, whole_events_are_slices_and_only_cut_ones_copies) {
  SseReader reader(kMax);
  const std::string bytes = "data: a\n\ndata: b";
  std::string_view in = bytes;
  SseEvent event;
  ASSERT_TRUE(*reader.next(in, event));
  EXPECT_EQ(event.raw.data(), bytes.data());
  EXPECT_EQ(event.data.data(), bytes.data() + 6);
  ASSERT_FALSE(*reader.next(in, event));
  const std::string rest = "c\n\ndata: d\n\n";
  in = rest;
  ASSERT_TRUE(*reader.next(in, event));
  EXPECT_EQ(event.raw, "data: bc\n\n");
  ASSERT_TRUE(*reader.next(in, event));
  EXPECT_EQ(event.raw.data(), rest.data() + 3);
}

bool takes(std::string_view bytes, std::size_t max, std::size_t step) {
  SseReader reader(max);
  SseEvent event;
  while (!bytes.empty()) {
    std::string_view in = bytes.substr(0, step);
    bytes.remove_prefix(in.size());
    while (true) {
      Result<bool> got = reader.next(in, event);
      if (!got) {
        EXPECT_EQ(got.error().kind, Kind::limit);
        EXPECT_EQ(got.error().source, Source::upstream);
        return false;
      }
      if (!*got) break;
    }
  }
  return true;
}

TEST(Sse, one_event_has_a_bound_to_the_byte) {
  const std::string event = "data: 789\n\n";  // 11 bytes
  for (const std::size_t step : {1, 2, 3, 5, 100}) {
    EXPECT_TRUE(takes(event + event + event, 11, step)) << step;
    EXPECT_TRUE(takes(event, 12, step)) << step;
    EXPECT_FALSE(takes(event, 10, step)) << step;
    EXPECT_FALSE(takes(event + "data: longer", 11, step)) << step;
    EXPECT_FALSE(takes(std::string(12, 'x'), 11, step)) << step;
  }
}

}  // namespace
}  // namespace spillway
