from collections.abc import AsyncIterator

import pytest

from tests.receivers import HttpReceiver, Mailbox, http_receiver, mailbox


@pytest.fixture
async def receiver() -> AsyncIterator[HttpReceiver]:
    async with http_receiver() as server:
        yield server


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mailbox() as server:
        yield server
