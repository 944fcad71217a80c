"""One hub for all tests of the Python SDK; each test tells its own calls apart by their ids and models."""

import openai
import pytest

from hub import Hub


@pytest.fixture(scope="session")
def hub():
    """A running hub."""
    running = Hub()
    yield running
    violations = running.control("GET", "violations")
    running.end()
    assert violations == []


@pytest.fixture
def client(hub):
    """The official client; base URL and key are all that is changed."""
    return openai.OpenAI(base_url=hub.base_url, api_key=hub.key, max_retries=0)
