// The model that a form with files names (multipart/form-data, RFC 7578): audio and image edits say it so.
//
// Strict, because a provider may read forms in another way than we do: what has two readings is read as naming no
// model, and a key that may use some models only gets nowhere with it. Thread: any.
#pragma once
#include <string_view>

#include "llm/facts.h"

namespace spillway {

bool is_form(std::string_view content_type);
// Fills in the model and its place; leaves the facts alone where the form names none. False: refused, and why.
bool read_form(std::string_view content_type, std::string_view body, Facts& facts, BadRequest& why);

}  // namespace spillway
