"""The official Python SDK's Responses and legacy completions against the hub: with OpenAI's own provider behind it, where bytes
pass, and with others, where everything is written anew."""

import json

import openai
import pytest
from pydantic import BaseModel

from hub import eventually

PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PASSED, CHAT = "own/gpt-4o", "fake/gpt-4o"
ALL = pytest.mark.parametrize("model", [PASSED, CHAT])
CONVERTED = pytest.mark.parametrize("model", [CHAT, "claude/claude-haiku-4-5", "gem/gemini-2.5-flash", "oll/llama3.2:latest"])


def tool(name):
    parameters = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
        "additionalProperties": False,
    }
    return {"type": "function", "name": name, "parameters": parameters, "strict": True}


class Weather(BaseModel):
    city: str
    days: int


def calls(response):
    return [item for item in response.output if item.type == "function_call"]


@ALL
def test_create(client, hub, model):
    raw = client.responses.with_raw_response.create(model=model, input="Hello out there")
    answer = raw.parse()
    assert answer.output_text == "You said: Hello out there"
    assert (answer.status, answer.error, answer.object) == ("completed", None, "response")
    assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens) == (7, 5, 12)
    row = hub.call(raw.headers["x-request-id"])
    assert (row["state"], row["usage"]["input_uncached"], row["usage"]["output_text"]) == ("succeeded", 7, 5)


@ALL
def test_stream(client, model):
    events = list(client.responses.create(model=model, input="Hello out there", stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert (events[0].type, events[1].type) == ("response.created", "response.in_progress")
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == events[-1].response.output_text == "You said: Hello out there"
    assert (events[-1].type, events[-1].response.usage.output_tokens) == ("response.completed", 5)


@ALL
def test_stream_helper(client, model):
    with client.responses.stream(model=model, input="Hello out there") as stream:
        deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert "".join(deltas) == final.output_text == "You said: Hello out there" and len(deltas) > 1


@ALL
def test_instructions_and_turns(client, model):
    turns = [
        {"role": "developer", "content": "Be short."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": [{"type": "input_text", "text": "And now?"}]},
    ]
    answer = client.responses.create(model=model, instructions="Be kind.", input=turns)
    assert answer.output_text == "You said: And now?"


@ALL
def test_tool_and_its_answer(client, model):
    tools = [tool("weather")]
    turns = [{"role": "user", "content": "Weather?"}]
    answer = client.responses.create(model=model, input=turns, tools=tools)
    (call,) = calls(answer)
    assert call.name == "weather" and json.loads(call.arguments)["days"] == 7
    turns += [item.to_dict() for item in answer.output]
    turns.append({"type": "function_call_output", "call_id": call.call_id, "output": "sunny"})
    again = client.responses.create(model=model, input=turns, tools=tools)
    assert again.output_text == "The tools said: sunny"


@ALL
def test_parallel_tools_streamed(client, model):
    tools = [tool("weather"), tool("traffic")]
    with client.responses.stream(model=model, input="Both?", tools=tools) as stream:
        done = [event for event in stream if event.type == "response.function_call_arguments.done"]
        final = stream.get_final_response()
    assert [call.name for call in calls(final)] == ["weather", "traffic"]
    assert [json.loads(event.arguments)["city"] for event in done] == ["Zürich 東京", "Zürich 東京"]
    one = client.responses.create(model=model, input="Both?", tools=tools, parallel_tool_calls=False)
    assert len(calls(one)) == 1


@ALL
def test_structured_output(client, model):
    answer = client.responses.parse(model=model, input="Weather?", text_format=Weather)
    assert answer.output_parsed == Weather(city="Zürich 東京", days=7)
    with client.responses.stream(model=model, input="Weather?", text_format=Weather) as stream:
        final = stream.get_final_response()
    assert final.output_parsed == Weather(city="Zürich 東京", days=7)


@ALL
def test_image(client, model):
    content = [
        {"type": "input_text", "text": "what is this?"},
        {"type": "input_image", "image_url": PIXEL, "detail": "low"},
    ]
    answer = client.responses.create(model=model, input=[{"role": "user", "content": content}])
    assert answer.output_text == "You said: what is this? I see 1 image."


def test_reasoning_passes(client):
    options = {"reasoning": {"effort": "high", "summary": "auto"}, "include": ["reasoning.encrypted_content"]}
    turns = [{"role": "user", "content": "Think."}]
    answer = client.responses.create(model="own/o3", input=turns, store=False, **options)
    assert answer.output[0].type == "reasoning" and answer.output[0].summary[0].text.startswith("I think")
    assert answer.usage.output_tokens_details.reasoning_tokens == 256
    turns += [item.to_dict() for item in answer.output] + [{"role": "user", "content": "More."}]
    again = client.responses.create(model="own/o3", input=turns, store=False, **options)
    assert again.output_text == "You said: More."


def test_previous_response(client):
    first = client.responses.create(model=PASSED, input="Hello")
    second = client.responses.create(model=PASSED, input="Again", previous_response_id=first.id)
    assert second.previous_response_id == first.id
    assert second.usage.input_tokens > first.usage.input_tokens


@CONVERTED
def test_what_only_openai_keeps_is_refused_elsewhere(client, model):
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=model, input="Again", previous_response_id="resp_1")
    assert (caught.value.param, caught.value.code) == ("previous_response_id", "unsupported_parameter")


@CONVERTED
def test_free_text_tools_and_namespaces_come_back_as_what_they_were(client, model):
    namespace = {"type": "namespace", "name": "files", "description": "Files.", "tools": [tool("read")]}
    tools = [{"type": "custom", "name": "patch", "description": "Edits."}, namespace, {"type": "web_search"}]
    raw = client.responses.with_raw_response.create(model=model, input="Edit", tools=tools)
    answer = raw.parse()
    patch, read = answer.output
    assert (patch.type, patch.name) == ("custom_tool_call", "patch") and isinstance(patch.input, str)
    assert (read.type, read.name, read.namespace) == ("function_call", "read", "files")
    assert "tools.web_search" in raw.headers["x-aigne-dropped"]
    turns = [{"role": "user", "content": "Edit"}, *[item.to_dict() for item in answer.output]]
    turns.append({"type": "custom_tool_call_output", "call_id": patch.call_id, "output": "done"})
    turns.append({"type": "function_call_output", "call_id": read.call_id, "output": "text"})
    again = client.responses.create(model=model, input=turns, tools=tools)
    assert again.output_text == "The tools said: done; text"


@CONVERTED
def test_what_only_openai_runs_is_named(client, model):
    turns = [
        {"role": "user", "content": "Find it."},
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAAB"},
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "x"}},
        {"type": "mcp_call", "id": "mc_1", "server_label": "s", "name": "f", "arguments": "{}", "output": "x"},
        {"type": "something_new", "id": "sn_1"},
        {"role": "user", "content": "Again."},
    ]
    tools = [{"type": "web_search"}, {"type": "code_interpreter", "container": {"type": "auto"}}]
    raw = client.responses.with_raw_response.create(model=model, input=turns, tools=tools, tool_choice={"type": "web_search"})
    assert "Again." in raw.parse().output_text
    dropped = raw.headers["x-aigne-dropped"].split(", ")
    items = ["reasoning.encrypted_content", "web_search_call", "mcp_call", "something_new"]
    assert dropped == sorted([f"input.{item}" for item in items] + ["tool_choice.web_search", "tools.code_interpreter", "tools.web_search"])


@CONVERTED
def test_what_the_client_has_run_is_told_or_refused(client, model):
    for kind in ["local_shell", "shell", "apply_patch", "computer"]:
        item = {"type": f"{kind}_call_output", "call_id": "c", "output": "done"}
        with pytest.raises(openai.BadRequestError) as caught:
            client.responses.create(model=model, input=[{"role": "user", "content": "Hi"}, item])
        assert (caught.value.param, caught.value.code) == ("input[1]", "unsupported_parameter")


def test_a_header_stays_short_whatever_is_dropped(client):
    more = {f"unknown_member_{at}": at for at in range(400)} | {"a\r\nb\0": 1, "größe": 2}
    raw = client.responses.with_raw_response.create(model="claude/claude-haiku-4-5", input="Hi", extra_body=more)
    dropped = raw.headers["x-aigne-dropped"]
    assert dropped.startswith("a%0D%0Ab%00, gr%C3%B6%C3%9Fe, unknown_member_0, ")
    assert len(dropped) < 1100 and dropped.endswith(" more")


@pytest.mark.parametrize("model", ["claude/claude-haiku-4-5", "gem/gemini-2.5-flash", "oll/llama3.2:latest"])
def test_tools_of_free_text_of_a_chat_come_back_as_what_they_were(client, model):
    options = {"model": model, "tools": [{"type": "custom", "custom": {"name": "patch", "description": "Edits."}}]}
    turns = [{"role": "user", "content": "Edit"}]
    raw = client.chat.completions.with_raw_response.create(messages=turns, **options)
    answer = raw.parse().choices[0]
    (call,) = answer.message.tool_calls
    assert (answer.finish_reason, call.type, call.custom.name) == ("tool_calls", "custom", "patch")
    assert isinstance(call.custom.input, str) and "x-aigne-dropped" not in raw.headers
    turns += [answer.message.to_dict(), {"role": "tool", "tool_call_id": call.id, "content": "done"}]
    again = client.chat.completions.create(messages=turns, **options)
    assert again.choices[0].message.content == "The tools said: done"
    chunks = client.chat.completions.create(messages=turns[:1], stream=True, **options)
    deltas = [call.to_dict() for chunk in chunks for choice in chunk.choices for call in choice.delta.tool_calls or []]
    assert (deltas[0]["type"], deltas[0]["custom"]["name"]) == ("custom", "patch")
    assert "".join(delta["custom"]["input"] for delta in deltas) == call.custom.input


@ALL
def test_a_limit_makes_it_incomplete(client, model):
    answer = client.responses.create(model=model, input="write 60 words", max_output_tokens=20)
    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert answer.output_text.split()[-1] == "word20"
    events = list(client.responses.create(model=model, input="write 60 words", max_output_tokens=20, stream=True))
    assert events[-1].type == "response.incomplete"


def test_wrong_key_and_unknown_model(hub, client):
    wrong = openai.OpenAI(base_url=hub.base_url, api_key="sk-hub-wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as caught:
        wrong.responses.create(model=PASSED, input="Hi")
    assert caught.value.code == "invalid_api_key"
    with pytest.raises(openai.NotFoundError) as caught:
        client.responses.create(model="own/gpt-9", input="Hi")
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


@pytest.mark.parametrize("provider", ["own", "fake"])
@pytest.mark.parametrize(
    ("fault", "error", "status", "code"),
    [
        ("429", openai.RateLimitError, 429, "provider_rate_limited"),
        ("500", openai.InternalServerError, 502, "provider_failed"),
        ("401", openai.InternalServerError, 502, "provider_credential_rejected"),
    ],
)
def test_provider_faults(client, provider, fault, error, status, code):
    with pytest.raises(error) as caught:
        client.responses.create(model=f"{provider}/fault-{fault}", input="Hi")
    assert (caught.value.status_code, caught.value.code) == (status, code)


@pytest.mark.parametrize("provider", ["own", "fake"])
@pytest.mark.parametrize("fault", ["error-frame", "bare-error", "cut-mid", "malformed-frame", "ends-early"])
def test_a_broken_stream_ends_with_response_failed(client, provider, fault):
    events = list(client.responses.create(model=f"{provider}/fault-{fault}", input="Hi", stream=True))
    assert events[0].type == "response.created"
    last = events[-1]
    assert (last.type, last.response.status) == ("response.failed", "failed")
    assert last.response.error.code and last.response.error.message


@pytest.mark.parametrize("model", ["own/slow-writer", "fake/slow-writer"])
def test_cancel(client, hub, model):
    raw = client.responses.with_raw_response.create(model=model, input=f"write 3000 words for a response of {model}", stream=True)
    call_id = raw.headers["x-request-id"]
    stream = raw.parse()
    for event in stream:
        if event.type == "response.output_text.delta" and "word3" in event.delta:
            break
    stream.close()

    def left():
        records = hub.requests("/v1/responses") + hub.requests()
        gone = [record for record in records if (record["ended"] or {}).get("outcome") == "disconnected"]
        return [record for record in gone if f"words for a response of {model}" in record["body"]]

    assert len(eventually(left)) == 1
    row = eventually(lambda: next(filter(lambda row: row["state"] != "open", [hub.call(call_id)]), None))
    assert (row["state"], row["usage_source"]) == ("cancelled", "estimated")


LEGACY = pytest.mark.parametrize("model", ["own/gpt-3.5-turbo-instruct", CHAT])


@LEGACY
def test_legacy_completion(client, hub, model):
    raw = client.completions.with_raw_response.create(model=model, prompt="Once upon", max_tokens=50)
    answer = raw.parse()
    assert (answer.object, answer.choices[0].text) == ("text_completion", "You said: Once upon")
    assert (answer.choices[0].finish_reason, answer.choices[0].logprobs) == ("stop", None)
    row = hub.call(raw.headers["x-request-id"])
    assert (row["state"], row["usage"]["output_text"]) == ("succeeded", answer.usage.completion_tokens)


@LEGACY
def test_legacy_stream(client, model):
    options = {"stream": True, "stream_options": {"include_usage": True}, "max_tokens": 50}
    chunks = list(client.completions.create(model=model, prompt="Once upon", **options))
    assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices) == "You said: Once upon"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens > 0
    without = list(client.completions.create(model=model, prompt="Once upon", stream=True, max_tokens=50))
    assert all(chunk.usage is None and chunk.choices for chunk in without)


@CONVERTED
def test_legacy_prompts_that_only_openai_takes(client, model):
    for more in [{"prompt": [1, 2, 3]}, {"prompt": ["a", "b"]}, {"prompt": "a", "suffix": "b"}, {"prompt": "a", "n": 2}]:
        with pytest.raises(openai.BadRequestError) as caught:
            client.completions.create(model=model, **more)
        assert caught.value.code == "unsupported_parameter", more
