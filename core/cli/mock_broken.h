// The synthetic provider's answers and streams that go wrong after they began: cut off, silent, out of their format,
// with an error inside. Each in every wire format, at the level of that format's framing. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/mock_ask.h"
#include "cli/mock_script.h"

namespace spillway {

bool mock_breaks(std::string_view behaviour);
std::vector<MockStep> mock_broken(const MockAsk& ask);
// What `bad-json` makes of an event or a line: its framing stays, its JSON is cut.
std::string mock_cut_json(std::string_view event);

}  // namespace spillway
