// The model that a form with files names (multipart/form-data, RFC 7578): audio and image edits say it so.
//
// Strict, because a provider may read forms in another way than we do: what has two readings is read as naming no
// model, and a key that may use some models only gets nowhere with it. Thread: any.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "llm/facts.h"

namespace spillway {

bool is_form(std::string_view content_type);

// Reads a form in pieces, however they are cut. Memory: a part's head, or what may be the begin of a delimiter.
class FormReader {
 public:
  struct Part {
    bool named = false, is_model = false, file = false, begun = false;
  };
  explicit FormReader(std::string_view content_type);
  bool feed(std::string_view bytes);  // false: it has two readings, or is no form at all; that stays so
  bool ended() const { return state_ == State::end && window_ != "\r"; }
  std::size_t held_bytes() const { return window_.capacity(); }
  int models() const { return models_; }  // parts of that name that came whole
  // Fills in the model and its place, if one was named. False: refused, and why.
  bool tell(Facts& facts, BadRequest& why) const;

 private:
  enum class State : std::uint8_t { begin, behind, head, content, end, bad };
  bool step(std::string_view& in);
  bool content(std::string_view& in);
  bool fail();

  std::string delimiter_, window_, model_;
  Part part_;
  std::uint64_t at_ = 0, model_at_ = 0;  // in the form: of the window, of the model
  std::size_t parts_ = 0;
  int models_ = 0;
  bool plain_ = true;  // no model was a file
  State state_ = State::begin;
};

// The same for a whole one.
bool read_form(std::string_view content_type, std::string_view body, Facts& facts, BadRequest& why);

}  // namespace spillway
