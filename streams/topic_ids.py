"""The id of a topic: Kafka gives every topic a new one, also where the name was there before (KIP-516).

aiokafka asks for metadata up to version 5, which has no ids; this is version 12, the first that asks by name again.
"""

from typing import Any
from uuid import UUID

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import IncompatibleBrokerVersion
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

_NAME = CompactString("utf-8")


class _Uuid:
    """16 bytes, as they are."""

    @staticmethod
    def encode(value: bytes) -> bytes:
        return value

    @staticmethod
    def decode(data: Any) -> bytes:
        return bytes(data.read(16))


class _Told(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(("id", Int32), ("host", _NAME), ("port", Int32), ("rack", _NAME), ("_", TaggedFields)),
        ),
        ("cluster_id", _NAME),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error", Int16),
                ("name", _NAME),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("in_sync", CompactArray(Int32)),
                        ("offline", CompactArray(Int32)),
                        ("_", TaggedFields),
                    ),
                ),
                ("operations", Int32),
                ("_", TaggedFields),
            ),
        ),
        ("_", TaggedFields),
    )


class _Asked(RequestStruct):  # type: ignore[misc]  # aiokafka has no types
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = _Told
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", _NAME), ("_", TaggedFields))),
        ("create", Boolean),
        ("operations", Boolean),
        ("_", TaggedFields),
    )


class _Ask(Request[_Asked]):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 3

    def __init__(self, topic: str) -> None:
        self._topic = topic

    def build(self, request_struct_class: type[_Asked]) -> _Asked:
        return request_struct_class([(bytes(16), self._topic, {})], False, False, {})


async def topic_id(admin: AIOKafkaAdminClient, topic: str) -> str | None:
    """The id as 32 hex digits, '0' of an older broker; None where there is no such topic, or not yet everywhere."""
    try:
        told = await admin._send_request(_Ask(topic))
    except (IncompatibleBrokerVersion, NotImplementedError):
        return "0"
    found = next((UUID(bytes=row[2]) for row in told.topics if row[0] == 0 and row[1] == topic), None)
    if found is None:
        return None
    return found.hex if found.int else "0"
