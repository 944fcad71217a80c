"""The official Anthropic SDK for Python against the hub, unchanged but for base URL and key: with Anthropic's provider behind
it, where bytes pass, and with OpenAI's, where everything is written anew."""

import json

import anthropic
import pytest

from hub import eventually

HELLO = [{"role": "user", "content": "Hello out there"}]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
THOUGHT = "Let me think about this."
PASSED, CONVERTED = "claude/claude-opus-4-6", "fake/gpt-4o"
BOTH = pytest.mark.parametrize("model", [PASSED, CONVERTED])


def tool(name):
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    }
    return {"name": name, "input_schema": schema}


@pytest.fixture
def client(hub):
    """The official client; base URL and key are all that is changed."""
    return anthropic.Anthropic(base_url=hub.address, api_key=hub.key, max_retries=0)


@BOTH
def test_messages(client, hub, model):
    raw = client.messages.with_raw_response.create(model=model, max_tokens=100, messages=HELLO)
    answer = raw.parse()
    assert [(block.type, block.text) for block in answer.content] == [("text", "You said: Hello out there")]
    assert (answer.stop_reason, answer.role, answer.type) == ("end_turn", "assistant", "message")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (7, 5)
    row = hub.call(raw.headers["x-request-id"])
    assert (row["state"], row["usage"]["input_uncached"], row["usage"]["output_text"]) == ("succeeded", 7, 5)
    assert "Anthropic" in row["agent"]


@BOTH
def test_stream_helper(client, model):
    kinds, texts = [], []
    with client.messages.stream(model=model, max_tokens=100, messages=HELLO) as stream:
        for event in stream:
            kinds.append(event.type)
            if event.type == "text":
                texts.append(event.text)
        final = stream.get_final_message()
    assert "".join(texts) == final.content[0].text == "You said: Hello out there"
    assert (kinds[0], kinds[-1]) == ("message_start", "message_stop") and len(texts) > 1
    assert (final.stop_reason, final.usage.input_tokens, final.usage.output_tokens) == ("end_turn", 7, 5)


@BOTH
def test_raw_stream(client, model):
    events = list(client.messages.create(model=model, max_tokens=100, messages=HELLO, stream=True))
    assert events[0].message.usage.input_tokens > 0
    text = "".join(event.delta.text for event in events if event.type == "content_block_delta")
    assert text == "You said: Hello out there"


@BOTH
@pytest.mark.parametrize("streamed", [False, True])
def test_parallel_tools(client, model, streamed):
    tools = [tool("weather"), tool("traffic")]
    options = {"model": model, "max_tokens": 500, "tools": tools}
    if streamed:
        with client.messages.stream(messages=HELLO, **options) as stream:
            answer = stream.get_final_message()
    else:
        answer = client.messages.create(messages=HELLO, **options)
    assert answer.stop_reason == "tool_use"
    assert [(call.name, call.input) for call in answer.content] == [
        (name, {"city": "Zürich 東京", "days": 7}) for name in ("weather", "traffic")
    ]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": call.name} for call in answer.content]
    turns = [*HELLO, {"role": "assistant", "content": answer.content}, {"role": "user", "content": results}]
    again = client.messages.create(messages=turns, **options)
    assert again.content[0].text == "The tools said: weather; traffic"
    one = {"type": "auto", "disable_parallel_tool_use": True}
    assert len(client.messages.create(messages=HELLO, tool_choice=one, **options).content) == 1


def test_the_beta_client(client, hub):
    """With `?beta=true`, which Claude Code and older SDKs ask: it goes on with the betas where bytes pass, and to nobody else."""
    betas = ["context-management-2025-06-27"]
    query = {"beta": "true"}
    asked = {"max_tokens": 100, "messages": HELLO, "betas": betas, "extra_query": query}
    raw = client.beta.messages.with_raw_response.create(model=PASSED, **asked)
    assert raw.parse().content[0].text == "You said: Hello out there"
    assert "x-aigne-dropped" not in raw.headers
    with client.beta.messages.stream(model=PASSED, **asked) as stream:
        assert stream.get_final_message().content[0].text == "You said: Hello out there"
    assert client.beta.messages.count_tokens(model=PASSED, messages=HELLO, betas=betas, extra_query=query).input_tokens > 0
    arrived = hub.requests("/v1/messages")[-2:] + hub.requests("/v1/messages/count_tokens")[-1:]
    assert [record["query"] for record in arrived] == ["beta=true"] * 3
    assert all(betas[0] in dict(record["headers"])["anthropic-beta"] for record in arrived)
    # Whatever else stands there goes to nobody, and the client is told.
    raw = client.messages.with_raw_response.create(
        model=PASSED, max_tokens=100, messages=HELLO, extra_query={"key": hub.key}
    )
    assert raw.headers["x-aigne-dropped"] == "query"
    assert not hub.requests("/v1/messages")[-1]["query"]
    assert client.beta.messages.create(model=CONVERTED, **asked).content[0].text == "You said: Hello out there"
    assert not hub.requests()[-1]["query"]


@BOTH
def test_a_tool_without_arguments(client, model):
    tools = [{"name": "now", "input_schema": {"type": "object", "properties": {}}}]
    with client.messages.stream(model=model, max_tokens=100, messages=HELLO, tools=tools) as stream:
        answer = stream.get_final_message()
    assert [(call.name, call.input) for call in answer.content] == [("now", {})]


@pytest.mark.parametrize("model", ["claude/claude-haiku-4-5", PASSED])
def test_thinking_with_its_signature(client, hub, model):
    thinking = (
        {"type": "enabled", "budget_tokens": 2000} if "haiku" in model else {"type": "adaptive", "display": "summarized"}
    )
    options = {"model": model, "max_tokens": 4000, "thinking": thinking, "tools": [tool("weather")]}
    with client.messages.stream(messages=HELLO, **options) as stream:
        answer = stream.get_final_message()
    assert [block.type for block in answer.content] == ["thinking", "tool_use"]
    assert answer.content[0].thinking == THOUGHT and answer.content[0].signature
    assert answer.usage.output_tokens_details.thinking_tokens == 64
    # The provider refuses a thought whose signature is not its own.
    result = {"type": "tool_result", "tool_use_id": answer.content[1].id, "content": "sunny"}
    turns = [*HELLO, {"role": "assistant", "content": answer.content}, {"role": "user", "content": [result]}]
    again = client.messages.create(messages=turns, **options)
    assert again.content[1].text == "The tools said: sunny"
    forged = [{"type": "thinking", "thinking": THOUGHT, "signature": "Zm9yZ2Vk"}, *answer.content[1:]]
    turns[1] = {"role": "assistant", "content": forged}
    with pytest.raises(anthropic.BadRequestError, match="Invalid `signature`"):
        client.messages.create(messages=turns, **options)


def test_redacted_thinking(client):
    words = [{"role": "user", "content": "Hello [redacted]"}]
    options = {"model": PASSED, "max_tokens": 400, "thinking": {"type": "adaptive"}}
    answer = client.messages.create(messages=words, **options)
    assert answer.content[0].type == "redacted_thinking"
    turns = [*words, {"role": "assistant", "content": answer.content}, *HELLO]
    assert client.messages.create(messages=turns, **options).content[1].text == "You said: Hello out there"


def test_reasoning_of_another_provider(client, hub):
    answer = client.messages.create(
        model="fake/o3", max_tokens=3000, messages=HELLO, thinking={"type": "adaptive"}, output_config={"effort": "high"}
    )
    assert answer.usage.output_tokens_details.thinking_tokens == 256
    assert json.loads(hub.requests()[-1]["body"])["reasoning_effort"] == "high"


@BOTH
def test_image(client, hub, model):
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    content = [{"type": "text", "text": "what is this?"}, {"type": "image", "source": source}]
    answer = client.messages.create(model=model, max_tokens=100, messages=[{"role": "user", "content": content}])
    assert answer.content[0].text == "You said: what is this? I see 1 image."


@BOTH
def test_json_schema(client, model):
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
        "additionalProperties": False,
    }
    answer = client.messages.create(
        model=model, max_tokens=100, messages=HELLO, output_config={"format": {"type": "json_schema", "schema": schema}}
    )
    assert json.loads(answer.content[0].text) == {"city": "Zürich 東京", "days": 7}


def test_cache(client, hub):
    mark = {"type": "ephemeral", "ttl": "1h"}
    raw = client.messages.with_raw_response.create(
        model=PASSED,
        max_tokens=100,
        messages=HELLO,
        system=[{"type": "text", "text": "one two three", "cache_control": mark}],
    )
    assert raw.parse().usage.cache_creation.ephemeral_1h_input_tokens == 3
    assert hub.call(raw.headers["x-request-id"])["usage"]["cache_write_1h"] == 3


@BOTH
def test_stop_reasons(client, model):
    short = client.messages.create(model=model, max_tokens=2, messages=HELLO)
    assert (short.stop_reason, short.content[0].text) == ("max_tokens", "You said: ")
    stopped = client.messages.create(model=model, max_tokens=100, messages=HELLO, stop_sequences=["out"])
    assert stopped.content[0].text == "You said: Hello "


def test_stop_sequence_and_refusal(client):
    stopped = client.messages.create(model=PASSED, max_tokens=100, messages=HELLO, stop_sequences=["out"])
    assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", "out")
    refused = client.messages.create(
        model=PASSED, max_tokens=100, messages=[{"role": "user", "content": "[refusal]"}]
    )
    assert (refused.stop_reason, refused.stop_details.type) == ("refusal", "refusal")


def test_citations(client):
    words = [{"role": "user", "content": "Say it [cite]"}]
    with client.messages.stream(model=PASSED, max_tokens=100, messages=words) as stream:
        answer = stream.get_final_message()
    assert answer.content[0].citations[0].document_title == "A document"


def test_count_tokens(client):
    assert client.messages.count_tokens(model=PASSED, messages=HELLO).input_tokens == 7
    assert client.messages.count_tokens(model=CONVERTED, messages=HELLO).input_tokens == 8


def test_models(client):
    models = list(client.models.list(limit=7))
    names = [model.id for model in models]
    assert PASSED in names and CONVERTED in names and len(set(names)) == len(names)
    assert client.models.retrieve(PASSED).id == PASSED
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("claude/claude-9")


def test_bearer(hub):
    client = anthropic.Anthropic(base_url=hub.address, auth_token=hub.key, api_key=None, max_retries=0)
    assert client.messages.create(model=PASSED, max_tokens=100, messages=HELLO).stop_reason == "end_turn"


def test_wrong_key(hub):
    client = anthropic.Anthropic(base_url=hub.address, api_key="sk-ant-wrong", max_retries=0)
    with pytest.raises(anthropic.AuthenticationError) as caught:
        client.messages.create(model=PASSED, max_tokens=100, messages=HELLO)
    assert (caught.value.type, caught.value.error_code) == ("authentication_error", "invalid_api_key")
    assert caught.value.body["request_id"].startswith("call_")


@BOTH
def test_unknown_model(client, model):
    with pytest.raises(anthropic.NotFoundError) as caught:
        client.messages.create(model=model.split("/")[0] + "/none", max_tokens=100, messages=HELLO)
    assert (caught.value.type, caught.value.error_code) == ("not_found_error", "model_not_found")


@BOTH
def test_bad_request(client, model):
    with pytest.raises(anthropic.BadRequestError) as caught:
        client.messages.create(model=model, max_tokens=100, messages=[{"role": "teapot", "content": "x"}])
    assert caught.value.type == "invalid_request_error" and "role" in caught.value.api_message


HELLO_THERE = [{"role": "user", "content": "Hello out there"}]


@pytest.mark.parametrize("model", ["fake/gpt-4o-mini", "own/gpt-4o-mini", "gem/gemini-2.5-flash", "claude/claude-haiku-4-5"])
def test_bad_requests_that_make_no_sense(client, model):
    # Each is refused in this dialect's words, by Anthropic or for whoever else is asked.
    def refused(words, ask):
        with pytest.raises(anthropic.BadRequestError) as caught:
            ask()
        assert caught.value.type == "invalid_request_error" and words in caught.value.api_message

    tool = {"name": "weather", "description": "The weather"}
    refused("input_schema", lambda: client.messages.create(model=model, max_tokens=50, messages=HELLO_THERE, tools=[tool]))
    refused("messages", lambda: client.messages.create(model=model, max_tokens=50, messages=[]))
    refused("messages", lambda: client.messages.count_tokens(model=model, messages=[]))
    # To fill its cache Anthropic takes a limit of nothing, and no stream of it; nobody else does.
    refused("max_tokens", lambda: client.messages.create(model=model, max_tokens=0, messages=HELLO_THERE, stream=True))
    if model.startswith("claude/"):
        filled = client.messages.create(model=model, max_tokens=0, messages=HELLO_THERE)
        assert (filled.content, filled.usage.output_tokens) == ([], 0)
    else:
        refused("max_tokens", lambda: client.messages.create(model=model, max_tokens=0, messages=HELLO_THERE))


@pytest.mark.parametrize("provider", ["claude", "fake"])
@pytest.mark.parametrize(
    ("fault", "error", "status", "kind", "code"),
    [
        ("429", anthropic.RateLimitError, 429, "rate_limit_error", "provider_rate_limited"),
        ("500", anthropic.InternalServerError, 502, "api_error", "provider_failed"),
        ("503", anthropic.InternalServerError, 503, "overloaded_error", "provider_overloaded"),
        # The operator's credential and money are never the caller's.
        ("401", anthropic.InternalServerError, 502, "api_error", "provider_credential_rejected"),
        ("402", anthropic.InternalServerError, 502, "api_error", "provider_quota_exhausted"),
        ("quota", anthropic.InternalServerError, 502, "api_error", "provider_quota_exhausted"),
    ],
)
def test_provider_faults(client, provider, fault, error, status, kind, code):
    with pytest.raises(error) as caught:
        client.messages.create(model=f"{provider}/fault-{fault}", max_tokens=100, messages=HELLO)
    found = caught.value
    assert (found.status_code, found.type, found.error_code) == (status, kind, code)


def test_a_retry_of_the_sdk_succeeds(hub):
    hub.control("POST", "faults", {"fault": "500", "model": "claude-opus-4-5", "times": 1})
    client = anthropic.Anthropic(base_url=hub.address, api_key=hub.key, max_retries=2)
    answer = client.messages.create(model="claude/claude-opus-4-5", max_tokens=100, messages=HELLO)
    assert answer.content[0].text == "You said: Hello out there"


@pytest.mark.parametrize("provider", ["claude", "fake"])
@pytest.mark.parametrize("fault", ["error-frame", "cut-mid", "malformed-frame", "ends-early"])
def test_a_broken_stream_raises(client, provider, fault):
    text = ""
    with pytest.raises(anthropic.APIStatusError) as caught:
        with client.messages.stream(model=f"{provider}/fault-{fault}", max_tokens=100, messages=HELLO) as stream:
            for piece in stream.text_stream:
                text += piece
    # What Anthropic itself told keeps its type; what broke off is told by the hub, with its code.
    told_by_anthropic = provider == "claude" and fault == "error-frame"
    assert text == "You said: " and caught.value.type == ("overloaded_error" if told_by_anthropic else "api_error")
    assert told_by_anthropic or caught.value.error_code


@BOTH
def test_cancel(client, hub, model):
    slow = model.split("/")[0] + "/slow-writer"
    messages = [{"role": "user", "content": f"write 3000 words for {slow}"}]
    raw = client.messages.with_raw_response.create(model=slow, max_tokens=5000, messages=messages, stream=True)
    call_id, stream, text = raw.headers["x-request-id"], raw.parse(), ""
    for event in stream:
        text += event.delta.text if event.type == "content_block_delta" else ""
        if "word3" in text:
            break
    stream.close()
    row = eventually(lambda: next(filter(lambda row: row["state"] != "open", [hub.call(call_id)]), None))
    assert (row["state"], row["usage_source"]) in [("cancelled", "estimated"), ("cancelled", "mixed")]


@BOTH
@pytest.mark.parametrize("streamed", [False, True])
def test_async_client(hub, model, streamed):
    import asyncio

    async def ask():
        async with anthropic.AsyncAnthropic(base_url=hub.address, api_key=hub.key, max_retries=0) as client:
            if not streamed:
                return await client.messages.create(model=model, max_tokens=100, messages=HELLO)
            async with client.messages.stream(model=model, max_tokens=100, messages=HELLO) as stream:
                return await stream.get_final_message()

    assert asyncio.run(ask()).content[0].text == "You said: Hello out there"
