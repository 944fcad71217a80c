"""The official Python SDK against the hub, unchanged but for base URL and key."""

import base64
import json

import openai
import pytest
from pydantic import BaseModel

from hub import eventually

HELLO = [{"role": "user", "content": "Hello out there"}]
PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def tool(name):
    parameters = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "parameters": parameters, "strict": True}}


class Weather(BaseModel):
    city: str
    days: int


def test_chat(client, hub):
    raw = client.chat.completions.with_raw_response.create(model="fake/gpt-4o-mini", messages=HELLO)
    answer = raw.parse()
    assert answer.choices[0].message.content == "You said: Hello out there"
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (7, 5)
    assert raw.headers["x-request-id"].startswith("call_")
    row = hub.call(raw.headers["x-request-id"])
    assert (row["state"], row["usage"]["input_uncached"], row["usage"]["output_text"]) == ("succeeded", 7, 5)
    assert "OpenAI" in row["agent"]


def test_stream(client):
    stream = client.chat.completions.create(
        model="fake/gpt-4o-mini", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "You said: Hello out there"
    assert chunks[-1].usage.completion_tokens == 5 and chunks[-1].choices == []


def test_stream_without_usage(client):
    chunks = list(client.chat.completions.create(model="fake/gpt-4o-mini", messages=HELLO, stream=True))
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)


def test_stream_helper(client):
    with client.chat.completions.stream(model="fake/gpt-4o-mini", messages=HELLO) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion()
    assert "".join(deltas) == final.choices[0].message.content == "You said: Hello out there"


def test_tool(client):
    tools = [tool("weather")]
    answer = client.chat.completions.create(model="fake/gpt-4o", messages=HELLO, tools=tools)
    message = answer.choices[0].message
    assert answer.choices[0].finish_reason == "tool_calls"
    (call,) = message.tool_calls
    assert call.function.name == "weather"
    assert json.loads(call.function.arguments) == {"city": "Zürich 東京", "days": 7}
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    again = client.chat.completions.create(model="fake/gpt-4o", messages=[*HELLO, message, result], tools=tools)
    assert again.choices[0].message.content == "The tools said: sunny"


def test_parallel_tools(client):
    tools = [tool("weather"), tool("traffic")]
    answer = client.chat.completions.create(model="fake/gpt-4o", messages=HELLO, tools=tools)
    assert [call.function.name for call in answer.choices[0].message.tool_calls] == ["weather", "traffic"]
    one = client.chat.completions.create(model="fake/gpt-4o", messages=HELLO, tools=tools, parallel_tool_calls=False)
    assert len(one.choices[0].message.tool_calls) == 1


def test_parallel_tools_streamed(client):
    tools = [tool("weather"), tool("traffic")]
    with client.chat.completions.stream(model="fake/gpt-4o", messages=HELLO, tools=tools) as stream:
        final = stream.get_final_completion()
    calls = final.choices[0].message.tool_calls
    assert [call.function.name for call in calls] == ["weather", "traffic"]
    assert all(json.loads(call.function.arguments)["city"] == "Zürich 東京" for call in calls)


def test_interleaved_tools(client):
    chunks = client.chat.completions.create(
        model="fake/fault-interleaved", messages=HELLO, tools=[tool("weather"), tool("traffic")], stream=True
    )
    arguments = {}
    for chunk in chunks:
        for call in chunk.choices[0].delta.tool_calls or [] if chunk.choices else []:
            arguments[call.index] = arguments.get(call.index, "") + (call.function.arguments or "")
    assert [json.loads(arguments[index])["days"] for index in (0, 1)] == [7, 7]


def test_json_schema(client):
    answer = client.chat.completions.parse(model="fake/gpt-4o", messages=HELLO, response_format=Weather)
    assert answer.choices[0].message.parsed == Weather(city="Zürich 東京", days=7)


def test_json_schema_streamed(client):
    with client.chat.completions.stream(model="fake/gpt-4o", messages=HELLO, response_format=Weather) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].message.parsed == Weather(city="Zürich 東京", days=7)


def test_image(client, hub):
    content = [
        {"type": "text", "text": "what is this?"},
        {"type": "image_url", "image_url": {"url": PIXEL, "detail": "low"}},
    ]
    answer = client.chat.completions.create(model="fake/gpt-4o", messages=[{"role": "user", "content": content}])
    assert answer.choices[0].message.content == "You said: what is this? I see 1 image."
    assert any(PIXEL in record["body"] for record in hub.requests())


def test_reasoning(client):
    answer = client.chat.completions.create(model="fake/o3", messages=HELLO, reasoning_effort="high")
    assert answer.usage.completion_tokens_details.reasoning_tokens == 256


def test_several_choices(client):
    answer = client.chat.completions.create(model="fake/gpt-4o", messages=HELLO, n=2)
    assert [choice.index for choice in answer.choices] == [0, 1]


def test_embeddings(client):
    # The SDK asks for base64 unless told otherwise.
    answer = client.embeddings.create(model="fake/text-embedding-3-small", input=["one", "two"], dimensions=16)
    assert [len(entry.embedding) for entry in answer.data] == [16, 16]
    floats = client.embeddings.create(
        model="fake/text-embedding-3-small", input=["one", "two"], dimensions=16, encoding_format="float"
    )
    assert answer.data[1].embedding == pytest.approx(floats.data[1].embedding, abs=1e-6)
    assert answer.usage.prompt_tokens == 2


def test_what_a_model_is_not_for(client, hub):
    before = len(hub.requests()) + len(hub.requests("/v1/embeddings"))
    # The table knows what OpenAI's own are for, and what makes embeddings anywhere.
    for ask in [
        lambda: client.embeddings.create(model="own/gpt-4o", input="one"),
        lambda: client.chat.completions.create(model="own/gpt-3.5-turbo-instruct", messages=HELLO),
        lambda: client.chat.completions.create(model="fake/text-embedding-3-small", messages=HELLO),
    ]:
        with pytest.raises(openai.BadRequestError) as refused:
            ask()
        assert (refused.value.param, refused.value.code) == ("model", "unsupported_by_provider")
    assert len(hub.requests()) + len(hub.requests("/v1/embeddings")) == before
    # Another service is asked, and its refusal is the caller's: no credential rests for it.
    for _ in range(2):
        with pytest.raises(openai.BadRequestError) as refused:
            client.embeddings.create(model="fake/gpt-4o", input="one")
        assert refused.value.body["message"] == "You are not allowed to generate embeddings from this model"
    with pytest.raises(openai.NotFoundError) as refused:
        client.chat.completions.create(model="fake/gpt-3.5-turbo-instruct", messages=HELLO)
    assert refused.value.body["message"].startswith("This is not a chat model")
    assert client.chat.completions.create(model="fake/gpt-4o", messages=HELLO).choices[0].finish_reason == "stop"


def test_drawing(client):
    # Bytes, counted by the provider; addresses; and no picture where the provider refuses.
    answer = client.images.generate(model="own/gpt-image-1", prompt="a small cat", n=2, quality="low", size="1024x1024")
    assert [base64.b64decode(image.b64_json)[:4] for image in answer.data] == [b"\x89PNG"] * 2
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (3, 544)
    answer = client.images.generate(model="own/dall-e-3", prompt="a small cat", quality="hd")
    assert answer.data[0].url.startswith("https://") and answer.data[0].revised_prompt
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(model="own/dall-e-3", prompt="a small cat", n=2)
    assert refused.value.param == "n"


def test_drawing_elsewhere(client):
    # Gemini draws in other words, and one at a time.
    answer = client.images.generate(model="gem/gemini-2.5-flash-image", prompt="a small cat", size="1536x1024")
    assert base64.b64decode(answer.data[0].b64_json)[:4] == b"\x89PNG"
    assert answer.usage.output_tokens == 1290
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(model="gem/gemini-2.5-flash-image", prompt="a small cat", n=2)
    assert refused.value.param == "n"
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(model="gem/gemini-2.5-flash-image", prompt="something forbidden")
    assert refused.value.code == "content_policy_violation"


@pytest.mark.parametrize("model", ["own/gpt-image-1", "own/dall-e-3", "gem/gemini-2.5-flash-image"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"n": 0},
        {"n": "two"},
        {"size": 1024},
        {"quality": 5},
        {"prompt": ""},
        {"prompt": 7},
        {"stream": True},
        {"stream": "yes"},
    ],
    ids=str,
)
def test_drawing_badly(client, model, wrong):
    # Whoever refuses it, the provider or the hub: the client's own error, with the member's name where the provider tells it.
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(**{"model": model, "prompt": "a small cat", **wrong})
    assert refused.value.type == "invalid_request_error"
    unknown = model == "own/dall-e-3" and wrong == {"stream": "yes"}
    assert refused.value.param == (None if unknown else next(iter(wrong)))


@pytest.mark.parametrize("model", ["own/gpt-4o", "claude/claude-haiku-4-5", "gem/gemini-2.5-flash"])
def test_drawing_with_what_does_not_draw(client, model):
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(model=model, prompt="a small cat")
    assert refused.value.param == "model"


def test_models(client):
    ids = [model.id for model in client.models.list()]
    assert "fake/gpt-4o" in ids
    model = client.models.retrieve("fake/gpt-4o")
    assert (model.id, model.owned_by) == ("fake/gpt-4o", "fake")
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("fake/gpt-9")


def test_wrong_key(hub):
    client = openai.OpenAI(base_url=hub.base_url, api_key="sk-hub-wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as caught:
        client.chat.completions.create(model="fake/gpt-4o", messages=HELLO)
    assert caught.value.code == "invalid_api_key"
    assert caught.value.request_id.startswith("call_")


def test_unknown_model(client):
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="fake/gpt-9", messages=HELLO)
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


def test_bad_request(client):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="fake/gpt-4o", messages=[{"role": "teapot", "content": "x"}])
    assert caught.value.param == "messages[0].role" and "teapot" in caught.value.message


@pytest.mark.parametrize(
    ("fault", "error", "status", "code"),
    [
        ("429", openai.RateLimitError, 429, "provider_rate_limited"),
        ("500", openai.InternalServerError, 502, "provider_failed"),
        ("503", openai.InternalServerError, 503, "provider_overloaded"),
        # The operator's credential and money are never the caller's.
        ("401", openai.InternalServerError, 502, "provider_credential_rejected"),
        ("402", openai.InternalServerError, 502, "provider_quota_exhausted"),
        # What the provider finds wrong with the request is the caller's, in the provider's own words.
        ("413", openai.APIStatusError, 413, "request_entity_too_large"),
        ("422", openai.UnprocessableEntityError, 422, "unprocessable_entity"),
    ],
)
def test_provider_faults(client, fault, error, status, code):
    with pytest.raises(error) as caught:
        client.chat.completions.create(model=f"fake/fault-{fault}", messages=HELLO)
    assert (caught.value.status_code, caught.value.code) == (status, code)


def test_a_retry_of_the_sdk_succeeds(hub):
    hub.control("POST", "faults", {"fault": "500", "model": "gpt-4.1-mini", "times": 1})
    client = openai.OpenAI(base_url=hub.base_url, api_key=hub.key, max_retries=2)
    answer = client.chat.completions.create(model="fake/gpt-4.1-mini", messages=HELLO)
    assert answer.choices[0].message.content == "You said: Hello out there"


@pytest.mark.parametrize("fault", ["error-frame", "cut-mid", "malformed-frame", "ends-early"])
def test_a_broken_stream_raises(client, fault):
    stream = client.chat.completions.create(model=f"fake/fault-{fault}", messages=HELLO, stream=True)
    text = ""
    with pytest.raises(openai.APIError) as caught:
        for chunk in stream:
            text += chunk.choices[0].delta.content or ""
    assert text == "You said: " and caught.value.message


def test_cancel(client, hub):
    messages = [{"role": "user", "content": "write 3000 words"}]
    raw = client.chat.completions.with_raw_response.create(model="fake/slow-writer", messages=messages, stream=True)
    call_id = raw.headers["x-request-id"]
    stream = raw.parse()
    text = ""
    for chunk in stream:
        text += chunk.choices[0].delta.content or ""
        if "word3" in text:
            break
    stream.close()

    def left():
        return [record for record in hub.requests() if (record["ended"] or {}).get("outcome") == "disconnected"]

    (record,) = eventually(left)
    assert "write 3000 words" in record["body"]
    row = eventually(lambda: next(filter(lambda row: row["state"] != "open", [hub.call(call_id)]), None))
    assert (row["state"], row["usage_source"]) == ("cancelled", "estimated")


@pytest.mark.parametrize("kind", ["chat", "stream"])
def test_async_client(hub, kind):
    import asyncio

    async def ask():
        async with openai.AsyncOpenAI(base_url=hub.base_url, api_key=hub.key, max_retries=0) as client:
            if kind == "chat":
                answer = await client.chat.completions.create(model="fake/gpt-4o", messages=HELLO)
                return answer.choices[0].message.content
            stream = await client.chat.completions.create(model="fake/gpt-4o", messages=HELLO, stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])

    assert asyncio.run(ask()) == "You said: Hello out there"
