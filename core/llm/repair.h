// A provider's chat stream in OpenAI's wire, made one that the strictest client accepts (ecosystem.md 1.4, 1.9). Bytes
// pass untouched until the first defect; from there on each event is written anew: what the rules know is put right,
// every other member goes over as it is spelled.
//
// The event with a finish_reason is held until the next one, so that a stream that goes on behind it can be mended.
// Owner: one answer. Thread: the scanner's, used within a call only. Memory: one event, kChoicesMax choices, kHeldMax
// bytes of arguments whose tool has no name yet.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/sse.h"
#include "llm/node.h"
#include "llm/plain_form.h"
#include "llm/terms.h"
#include "llm/tool_slots.h"

namespace spillway::llm {

struct RepairOptions {
  bool usage_asked = false;    // by the client
  std::string_view id, model;  // where the provider's first event gives none; live as long as the StreamRepair
  std::int64_t created = 0;
};

class StreamRepair {
 public:
  enum class State : std::uint8_t { passing, mending, done, failed };
  enum class Seen : std::uint8_t {
    word,     // passes, and says nothing but another word of content
    passes,   // as it is
    instead,  // something else goes in its place, perhaps nothing
  };
  static constexpr std::size_t kChoicesMax = 128, kHeldMax = 1 << 20;

  StreamRepair(JsonScanner& scanner, RepairOptions options) : scanner_(scanner), options_(options) {}

  Seen see(const SseEvent& event, std::string& instead);  // `instead` is appended to
  // The provider's body ended; appends what is missing. False: it ended too early, and the stream must not look whole.
  bool end(std::string& instead);

  State state() const { return state_; }
  const std::string& defect() const { return defect_; }  // the first one, for the log; empty: none
  const std::string& error() const { return error_; }    // of State::failed

 private:
  struct Choice {
    std::int64_t index = 0;
    bool role = false;  // it has begun
    ToolSlots tools;
    std::string reason;  // of the standard set
  };

  // What an event holds, found in one pass.
  struct Chunk {
    explicit Chunk(const Node& root);
    Node at[8];
    const Node &id = at[0], &created = at[1], &model = at[2], &object = at[3], &choices = at[4], &usage = at[5],
               &error = at[6], &groq = at[7];
    Node first;  // choice
    Node of_first[3];
    const Node &index = of_first[0], &delta = of_first[1], &reason = of_first[2];
  };

  std::string_view flaw(const SseEvent& event, const Chunk& chunk) const;
  std::string_view flaw_of(const Node& choice) const;
  std::string_view flaw_of_tools(const Node& calls, const Choice* known) const;
  std::string_view flaw_of_end(std::string_view reason, const Choice* known, bool calls) const;
  Seen pass(const SseEvent& event, const Chunk& chunk, std::string& instead);
  void let_go(std::string& instead);
  void note(std::string_view data);
  bool has_reason(const Node& choices);
  bool broken(std::string_view why);
  Seen report(const Node& root, std::string& instead);
  Seen done(const SseEvent& event, std::string& instead);
  const Choice* find(std::int64_t index) const;
  Choice* choice(std::int64_t index);

  void mend(std::string_view defect, std::string_view data, std::string& instead);
  void rewrite(std::string_view data, std::string& instead);
  void open_chunk(const Node& root, JsonWriter& json, std::string& out);
  bool write_choice(const Node& from, std::string& out);
  bool write_delta(const Node& delta, Choice& choice, std::string& out);
  bool write_tools(const Node& calls, Choice& choice, std::string& out);
  void write_chunk(const Choice& choice, std::string_view delta, std::string_view reason, std::string& out);
  void finish_choices(std::string& out);
  void write_end(std::string& out);

  JsonScanner& scanner_;
  const RepairOptions options_;
  State state_ = State::passing;
  std::vector<Choice> choices_;
  std::string id_, created_, model_;  // as the first event spells them: they stay
  std::string held_, held_data_;      // the event with a reason, raw, and its data
  std::vector<std::int64_t> held_choices_;
  PlainForm form_;              // of the events that pass
  std::size_t held_bytes_ = 0;  // of arguments
  bool usage_seen_ = false;
  Tokens tokens_;
  std::string usage_;  // as spelled
  std::string defect_, error_;
};

}  // namespace spillway::llm
