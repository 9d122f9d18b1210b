// What several codecs do alike with the parts of a message. Thread: any.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "json/write.h"
#include "llm/message.h"
#include "llm/node.h"

namespace spillway::llm {

// "data:image/png;base64,AAAA" into media and data, anything else into url.
void read_url(std::string_view url, Part& part);
std::string url_of(const Part& part);  // the reverse

Part text_part(std::string text);
std::string joined_text(const std::vector<Part>& parts, Part::Kind kind, std::string_view between = "");
bool any(const std::vector<Part>& parts, Part::Kind kind);

// Appends the parts to the last message if that has the same role, else as a message of their own.
Message& speak(std::vector<Message>& messages, Role role);

// A tool call's arguments where the wire wants an object: what is none (a model was cut short) is an empty one.
std::string_view as_object(std::string_view json);

// As JSON on one line, for streams of lines: white space between tokens may hold line ends.
std::string one_line(std::string_view json);

// A member that is a string, a finished JSON value, or left out where there is nothing to say.
void put(JsonWriter& json, std::string_view name, std::string_view text);
void put_json(JsonWriter& json, std::string_view name, std::string_view value);
void put(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts);  // a list
template <typename T>
void put(JsonWriter& json, std::string_view name, const std::optional<T>& value) {
  if (value) json.member(name, *value);
}

// A string, or a list of strings.
std::vector<std::string> read_strings(const Node& node);

// An id as somebody else gets it: it tells nothing, and is short enough for all of them. Empty stays empty.
std::string opaque(std::string_view id);

// The name of the tool that a result answers, found by its id in the history; the id itself if nobody called it.
std::string_view tool_called(const std::vector<Message>& messages, std::string_view id);

}  // namespace spillway::llm
