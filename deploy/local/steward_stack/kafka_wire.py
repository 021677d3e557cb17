"""The four requests of Kafka's protocol that starting a stack needs: versions, topics, creation, end offsets. Old, fixed
encodings that every 3.x broker answers; a JVM tool would cost two seconds a call."""

import socket
import struct

CREATE_TOPICS, API_VERSIONS, METADATA, LIST_OFFSETS = 19, 18, 3, 2
TOPIC_ALREADY_EXISTS = 36


class KafkaError(Exception):
    pass


def _string(text):
    data = text.encode()
    return struct.pack(">h", len(data)) + data


class Wire:
    """One connection to one broker on loopback."""

    def __init__(self, port, timeout_s=10):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout_s)
        self._number = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def _call(self, api, version, body):
        self._number += 1
        request = struct.pack(">hhi", api, version, self._number) + _string("steward-local") + body
        self._socket.sendall(struct.pack(">i", len(request)) + request)
        size = struct.unpack(">i", self._read(4))[0]
        return _Reader(self._read(size)[4:])

    def _read(self, size):
        data = b""
        while len(data) < size:
            part = self._socket.recv(size - len(data))
            if not part:
                raise KafkaError("connection closed")
            data += part
        return data

    def ping(self):
        return self._call(API_VERSIONS, 0, b"").int16() == 0

    def metadata(self, topics=None):
        """(live brokers, {topic: partitions that have a leader})."""
        body = struct.pack(">i", -1) if topics is None else struct.pack(">i", len(topics)) + b"".join(map(_string, topics))
        reader = self._call(METADATA, 1, body)
        brokers = reader.array(lambda: (reader.int32(), reader.string(), reader.int32(), reader.string()))
        reader.int32()  # controller

        def partition():
            error, number, leader = reader.int16(), reader.int32(), reader.int32()
            reader.array(reader.int32)
            reader.array(reader.int32)
            return number if error == 0 and leader >= 0 else None

        def topic():
            error, name, _internal = reader.int16(), reader.string(), reader.int8()
            partitions = reader.array(partition)
            return name, [p for p in partitions if p is not None] if error == 0 else None
        return len(brokers), {name: sorted(found) for name, found in reader.array(topic) if found is not None}

    def create_topics(self, topics):
        """`topics`: {name: {"partitions": n, setting: value}}. One that exists already is left as it is."""
        body = struct.pack(">i", len(topics))
        for name, settings in topics.items():
            extra = {k: str(v) for k, v in settings.items() if k != "partitions"}
            body += _string(name) + struct.pack(">ihi", int(settings["partitions"]), 1, 0) + struct.pack(">i", len(extra))
            body += b"".join(_string(k) + _string(v) for k, v in extra.items())
        reader = self._call(CREATE_TOPICS, 2, body + struct.pack(">ib", 15000, 0))
        reader.int32()  # throttled for
        for name, error, text in reader.array(lambda: (reader.string(), reader.int16(), reader.string())):
            if error not in (0, TOPIC_ALREADY_EXISTS):
                raise KafkaError(f"topic {name}: error {error} {text or ''}")

    def end_offsets(self, partitions):
        """`partitions`: {topic: [numbers]}; gives {(topic, number): next offset}."""
        body = struct.pack(">ii", -1, len(partitions))
        for topic, numbers in partitions.items():
            body += _string(topic) + struct.pack(">i", len(numbers)) + b"".join(struct.pack(">iq", n, -1) for n in numbers)
        reader = self._call(LIST_OFFSETS, 1, body)

        def topic():
            name = reader.string()
            return [((name, n), offset) for n, error, _time, offset in reader.array(
                lambda: (reader.int32(), reader.int16(), reader.int64(), reader.int64())) if error == 0]
        return dict(pair for pairs in reader.array(topic) for pair in pairs)


class _Reader:
    def __init__(self, data):
        self._data, self._at = data, 0

    def _take(self, form):
        value = struct.unpack_from(form, self._data, self._at)[0]
        self._at += struct.calcsize(form)
        return value

    def int8(self):
        return self._take(">b")

    def int16(self):
        return self._take(">h")

    def int32(self):
        return self._take(">i")

    def int64(self):
        return self._take(">q")

    def string(self):
        size = self.int16()
        if size < 0:
            return None
        text = self._data[self._at:self._at + size].decode()
        self._at += size
        return text

    def array(self, item):
        return [item() for _ in range(self.int32())]
