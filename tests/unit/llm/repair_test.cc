// Malformed streams out of tests/fixtures/llm/malformed.txt, each mended until the strictest client has nothing to
// complain about; sound ones pass byte for byte (ecosystem.md 1.9).
#include "llm/repair.h"

#include <sstream>

#include "codec_help.h"
#include "strict.h"

namespace spillway::llm {
namespace {

struct Malformed {
  std::string name, text, thinking, reason, error, stream;
  std::vector<std::string> tools;  // "NAME ARGUMENTS"
  bool clean = false, asked = false, usage = false;
};

std::string event(const std::string& data) { return "data: " + data + "\n\n"; }
std::string chunk(const std::string& delta, const std::string& reason) {
  return event(R"({"id":"x","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,")"
               R"(delta":)" +
               delta + R"(,"finish_reason":)" + reason + "}]}");
}

// One line of a case: an expectation, or a piece of the stream.
void read_line(const std::string& line, Malformed& into) {
  const std::size_t colon = line.find(": ");
  const std::string key = line.substr(0, colon), rest = line.size() > 2 ? line.substr(2) : "";
  const std::string value = colon == line.npos ? "" : line.substr(colon + 2);
  if (line == "clean") into.clean = true;
  if (line == "asked") into.asked = true;
  if (line == "usage") into.usage = true;
  if (key == "text") into.text = value;
  if (key == "thinking") into.thinking = value;
  if (key == "reason") into.reason = value;
  if (key == "error") into.error = value;
  if (key == "tool") into.tools.push_back(value);
  if (line == "R") into.stream += chunk(R"({"role":"assistant","content":""})", "null");
  if (line == "D") into.stream += event("[DONE]");
  if (line == "U") {
    into.stream += event(R"({"id":"x","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":)"
                         R"({"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}})");
  }
  if (line.starts_with("T ")) into.stream += chunk(R"({"content":")" + rest + "\"}", "null");
  if (line.starts_with("C ")) into.stream += chunk(rest, "null");
  if (line.starts_with("F ")) into.stream += chunk("{}", "\"" + rest + "\"");
  if (line.starts_with("> ")) into.stream += event(rest);
  if (line.starts_with("|")) {
    const bool cr = rest.ends_with("\\r");
    into.stream += (cr ? rest.substr(0, rest.size() - 2) + "\r" : rest) + "\n";
  }
}

std::vector<Malformed> cases() {
  std::vector<Malformed> all;
  std::istringstream in(fixture("malformed.txt"));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("## ")) {
      all.emplace_back().name = line.substr(3);
    } else if (!all.empty() && !line.empty()) {
      read_line(line, all.back());
    }
  }
  return all;
}

struct Mended {
  std::string out, error, defect;
  bool ended = false;
};

Mended mend(const std::vector<std::string>& pieces, bool usage_asked) {
  JsonScanner scanner;
  StreamRepair repair(scanner, {usage_asked, "own", "own-model", 5});
  SseReader reader(1 << 20);
  SseEvent one;
  Mended got;
  const auto feed = [&](std::string_view bytes) {
    while (true) {
      const Result<bool> whole = reader.next(bytes, one);
      if (!whole || !*whole) return;
      if (repair.see(one, got.out) != StreamRepair::Seen::instead) got.out += one.raw;
    }
  };
  for (const std::string& piece : pieces) feed(piece);
  if (reader.mid_event()) feed("\n\n");
  got.ended = repair.end(got.out);
  got.error = repair.error();
  got.defect = repair.defect();
  return got;
}

TEST(Repair, there_are_at_least_forty_kinds) {
  std::set<std::string> names;
  std::size_t malformed = 0;
  for (const Malformed& one : cases()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    malformed += one.clean ? 0 : 1;
  }
  EXPECT_GE(malformed, 40u);
}

TEST(Repair, every_stream_satisfies_the_strictest_client) {
  for (const Malformed& one : cases()) {
    SCOPED_TRACE(one.name);
    const Mended got = mend({one.stream}, one.asked);
    StrictChat strict;
    const std::string complaints = strict.check(got.out, one.usage);
    EXPECT_EQ(complaints, one.error.empty() || strict.failed ? "" : "no [DONE]; 0 reasons; ") << got.out;
    EXPECT_EQ(got.error, one.error);
    EXPECT_EQ(got.ended, one.error.empty());
    EXPECT_EQ(strict.text, one.text);
    EXPECT_EQ(strict.thinking, one.thinking);
    EXPECT_EQ(strict.reason, one.reason);
    std::vector<std::string> tools;
    for (const auto& [index, arguments] : strict.tools) tools.push_back(strict.tool_names[index] + " " + arguments);
    if (one.error.empty()) {
      EXPECT_EQ(tools, one.tools);
    }
    if (one.clean) {
      EXPECT_EQ(got.out, one.stream) << "a sound stream passes untouched";
      EXPECT_EQ(got.defect, "");
    }
  }
}

TEST(Repair, how_the_bytes_are_cut_does_not_matter) {
  for (const Malformed& one : cases()) {
    SCOPED_TRACE(one.name);
    const std::string whole = mend({one.stream}, one.asked).out;
    std::vector<std::string> bytes, events;
    for (const char c : one.stream) bytes.emplace_back(1, c);
    EXPECT_EQ(mend(bytes, one.asked).out, whole);
    for (std::size_t at = 0; at < one.stream.size();) {
      const std::size_t end = one.stream.find("\n\n", at);
      events.push_back(one.stream.substr(at, end == std::string::npos ? end : end + 2 - at));
      at = end == std::string::npos ? one.stream.size() : end + 2;
    }
    EXPECT_EQ(mend(events, one.asked).out, whole);
  }
}

TEST(Repair, a_mended_stream_is_sound_from_then_on) {
  for (const Malformed& one : cases()) {
    if (!one.error.empty()) continue;
    SCOPED_TRACE(one.name);
    const std::string once = mend({one.stream}, one.asked).out;
    const Mended twice = mend({once}, one.asked);
    EXPECT_EQ(twice.out, once);
    EXPECT_EQ(twice.defect, "");
  }
}

TEST(Repair, members_that_nobody_knows_survive) {
  const Mended got = mend({event(R"({"id":"x","object":"chat.completion.chunk","created":7,"model":"m",)"
                                 R"("system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":"x",)"
                                 R"("annotations":[1]},"logprobs":{"content":[]},"finish_reason":null,)"
                                 R"("content_filter_results":{}}]})") +
                           event("[DONE]")},
                          false);
  for (const std::string_view part : {R"("system_fingerprint":"fp")", R"("annotations":[1])",
                                      R"("logprobs":{"content":[]})", R"("content_filter_results":{})"}) {
    EXPECT_NE(got.out.find(part), std::string::npos) << part << got.out;
  }
}

TEST(Repair, several_choices_end_each_by_itself) {
  const auto of = [](int index, const std::string& delta, const std::string& reason) {
    return event(R"({"id":"x","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":)" +
                 std::to_string(index) + R"(,"delta":)" + delta + R"(,"finish_reason":)" + reason + "}]}");
  };
  const std::string sound = of(0, R"({"role":"assistant","content":"a"})", "null") +
                            of(1, R"({"role":"assistant","content":"b"})", "null") + of(0, "{}", "\"stop\"") +
                            of(1, R"({"content":"c"})", "null") + of(1, "{}", "\"length\"") + event("[DONE]");
  EXPECT_EQ(mend({sound}, false).out, sound);
  const std::string late = of(0, R"({"content":"a"})", "\"stop\"") + of(1, R"({"content":"b"})", "\"length\"");
  const std::string out = mend({late}, false).out;
  EXPECT_NE(out.find(R"("index":1,"delta":{},"logprobs":null,"finish_reason":"length")"), std::string::npos) << out;
}

TEST(Repair, a_choice_that_begins_beside_another_is_not_overlooked) {
  const auto both = [](const std::string& second) {
    return event(R"({"id":"x","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":)"
                 R"({"content":"a"},"finish_reason":null},{"index":1,"delta":)" +
                 second + R"(,"finish_reason":null}]})");
  };
  const std::string begin = chunk(R"({"role":"assistant","content":"a"})", "null");
  const Mended got = mend({begin + both(R"({"role":"assistant","content":"b"})") + both(R"({"content":"b"})") +
                           chunk("{}", "\"stop\"") + event("[DONE]")},
                          false);
  EXPECT_EQ(got.defect, "[DONE] without a reason") << "the second choice never ended";
}

TEST(Repair, what_grows_is_bounded) {
  std::string many = "data: {\"choices\":[";
  for (std::size_t i = 0; i <= StreamRepair::kChoicesMax; ++i) {
    many += (i > 0 ? ",{\"index\":" : "{\"index\":") + std::to_string(i) + ",\"delta\":{\"content\":\"x\"}}";
  }
  EXPECT_EQ(mend({many + "]}\n\n"}, false).error, "the provider's stream has too many choices");
  std::string nameless;
  for (int i = 0; i < 5; ++i) {
    nameless +=
        chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":")" + std::string(1 << 18, 'x') + "\"}}]}", "null");
  }
  EXPECT_EQ(mend({nameless}, false).error, "the provider's tool call has no name");
}

}  // namespace
}  // namespace spillway::llm
