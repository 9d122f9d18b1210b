#include "llm/model_name.h"

namespace spillway {

namespace {

constexpr std::size_t kModelBytesMax = 256;

}  // namespace

bool unprintable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

bool good_model(std::string_view name, BadRequest& why) {
  if (name.empty()) {
    why = {"`model` must not be empty", "model"};
  } else if (name.size() > kModelBytesMax) {
    why = {"`model` must be at most " + std::to_string(kModelBytesMax) + " bytes long", "model"};
  } else if (unprintable(name)) {
    why = {"`model` must not hold control characters", "model"};
  } else {
    return true;
  }
  return false;
}

}  // namespace spillway
