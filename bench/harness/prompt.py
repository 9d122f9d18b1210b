"""The requests: chat prompts of a given size, as bytes on the wire."""

import json

PATH = "/v1/chat/completions"
ANSWER = "Hello from the origin."  # what bench/native/origin.cc says

# Prose with a line break and quotes now and then, because escapes are what costs a JSON parser.
PROSE = 'The quick brown fox said "nothing at all" to the lazy dog,\nand went on its way over the hill. '


def body(size, stream=None, cacheable=False):
    """Exactly `size` bytes, with the model last, where the official Python client puts it, too."""

    def build(text):
        content = {
            "messages": [{"role": "system", "content": text}, {"role": "user", "content": "Say hello."}],
            "max_tokens": 100,
        }
        if cacheable:
            content["temperature"] = 0
        if stream:
            content["stream"] = True
        content["model"] = stream or "bench"
        return json.dumps(content, separators=(",", ":")).encode()

    room = size - len(build(""))
    text = PROSE * (max(room, 0) // len(PROSE) + 1)
    while text and len(build(text)) > size:
        text = text[: len(text) - max(1, (len(build(text)) - size) // 2)]
    return build(text + "x" * (size - len(build(text))))


# Much as the official Python client sends them, so that heads are as long as in earnest; without Accept-Encoding,
# because what compressing costs is another question.
HEADERS = {
    "Accept": "application/json",
    "Authorization": "Bearer sk-bench-0123456789abcdef0123456789abcdef0123456789abcdef",
    "Content-Type": "application/json",
    "User-Agent": "OpenAI/Python 1.99.0",
    "X-Stainless-Arch": "x64",
    "X-Stainless-Async": "false",
    "X-Stainless-Lang": "python",
    "X-Stainless-OS": "Linux",
    "X-Stainless-Package-Version": "1.99.0",
    "X-Stainless-Runtime": "CPython",
    "X-Stainless-Runtime-Version": "3.11.2",
}


def request(content, headers=None):
    lines = [f"POST {PATH} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (HEADERS | (headers or {})).items()]
    lines += [f"Content-Length: {len(content)}", "", ""]
    return "\r\n".join(lines).encode() + content
