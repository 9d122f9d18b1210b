// Answers as trees that are put together and written again, for replay: whatever a member is called, it goes over, so
// that what we never heard of (thought signatures, reasoning details, log probabilities) is not lost. Thread: any.
#pragma once
#include <string_view>

#include "base/error.h"
#include "json/scan.h"
#include "json/write.h"

namespace spillway {

Error refusal(std::string_view why);

// As deep as parse_json lets a text be.
void write(JsonWriter& json, const JsonValue& value);

// The member of that name, made if there is none.
JsonValue& member(JsonValue& object, std::string_view name);

// Strings and lists grow, objects member by member, of other values the last counts; what comes once and whole (id,
// type, name) stays as it was. False: they do not fit together.
bool merge(JsonValue& into, const JsonValue& part);
bool merge_member(JsonValue& object, std::string_view name, const JsonValue& part);

// The members of `root` that are said once for the whole answer: not choices, usage, object.
void add_head(JsonValue& head, const JsonValue& root);
void open_answer(JsonWriter& json, const JsonValue& head, std::string_view object);

// The usage object, which Groq may put into x_groq; null if there is none.
const JsonValue& usage_in(const JsonValue& root);

}  // namespace spillway
