#include "llm/message.h"

namespace spillway::llm {

Part::Part() = default;
Part::~Part() = default;
Part::Part(const Part&) = default;
Part::Part(Part&&) noexcept = default;
Part& Part::operator=(const Part&) = default;
Part& Part::operator=(Part&&) noexcept = default;

Message::Message() = default;
Message::~Message() = default;
Message::Message(const Message&) = default;
Message::Message(Message&&) noexcept = default;
Message& Message::operator=(const Message&) = default;
Message& Message::operator=(Message&&) noexcept = default;

Tool::Tool() = default;
Tool::~Tool() = default;
Tool::Tool(const Tool&) = default;
Tool::Tool(Tool&&) noexcept = default;
Tool& Tool::operator=(const Tool&) = default;
Tool& Tool::operator=(Tool&&) noexcept = default;

ChatRequest::ChatRequest() = default;
ChatRequest::~ChatRequest() = default;
ChatRequest::ChatRequest(const ChatRequest&) = default;
ChatRequest::ChatRequest(ChatRequest&&) noexcept = default;
ChatRequest& ChatRequest::operator=(const ChatRequest&) = default;
ChatRequest& ChatRequest::operator=(ChatRequest&&) noexcept = default;

ChatAnswer::ChatAnswer() = default;
ChatAnswer::~ChatAnswer() = default;
ChatAnswer::ChatAnswer(const ChatAnswer&) = default;
ChatAnswer::ChatAnswer(ChatAnswer&&) noexcept = default;
ChatAnswer& ChatAnswer::operator=(const ChatAnswer&) = default;
ChatAnswer& ChatAnswer::operator=(ChatAnswer&&) noexcept = default;

}  // namespace spillway::llm
