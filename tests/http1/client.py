"""Reads what a gateway sends to a client, strictly: a list of replies, or what is wrong with the bytes."""

import re

STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9]) [\t -~\x80-\xff]*")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ((?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?)")
CHUNK = re.compile(rb"([0-9a-f]+)\r\n")


class Bad(Exception):
    pass


class Reply:
    def __init__(self, status, fields):
        self.status, self.fields = status, fields
        self.body = b""

    def get(self, name):
        return next((value for key, value in self.fields if key == name), None)


def read_head(data):
    head, end, rest = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    start = STATUS_LINE.fullmatch(lines[0])
    found = [FIELD.fullmatch(line) for line in lines[1:]]
    if not end or start is None or None in found:
        raise Bad(f"no reply head: {data[:200]!r}")
    return Reply(int(start[1]), [(one[1].decode().lower(), one[2].decode("latin-1")) for one in found]), rest


def read_chunks(data):
    body = b""
    while True:
        size = CHUNK.match(data)
        if size is None:
            raise Bad(f"no chunk: {data[:60]!r}")
        length, data = int(size[1], 16), data[size.end():]
        body += data[:length]
        if data[length:length + 2] != b"\r\n":
            raise Bad("a chunk that does not end")
        data = data[length + 2:]
        if length == 0:
            return body, data


def read_body(reply, method, data):
    lengths = [value for name, value in reply.fields if name == "content-length"]
    codings = [value for name, value in reply.fields if name == "transfer-encoding"]
    if len(lengths) + len(codings) > 1 or any(value != "chunked" for value in codings):
        raise Bad(f"ambiguous framing: {lengths} {codings}")
    if method == "HEAD" or reply.status in (204, 304):
        return data
    if codings:
        reply.body, rest = read_chunks(data)
        return rest
    if not lengths:
        if reply.get("connection") != "close":
            raise Bad("a body without an end")
        reply.body = data
        return b""
    length = int(lengths[0])
    if len(data) < length:
        raise Bad("a body cut short")
    reply.body = data[:length]
    return data[length:]


def read_replies(data, methods):
    """`methods` of the requests in their order; the replies and the number of interim ones."""
    replies, interim = [], 0
    while data:
        reply, data = read_head(data)
        if reply.status < 200:
            if reply.status == 101:
                raise Bad("101")
            interim += 1
            continue
        method = methods[len(replies)] if len(replies) < len(methods) else "GET"
        data = read_body(reply, method, data)
        replies.append(reply)
    return replies, interim
