"""Three official clients at every wire: each of them asks the same of a provider of each kind, whole and streamed, in one turn and in
two. How a client says it stands in `clients.py`."""

import pytest

from clients import CLIENTS

# What answers in each wire: in words and with tools, about pictures, with thoughts.
WIRES = {
    "chat": ("fake/gpt-4o", "fake/gpt-4o", "fake/o4-mini"),
    "responses": ("own/codex-gpt-4o", "own/codex-gpt-4o", "own/codex-o4-mini"),
    "claude": ("claude/claude-haiku-4-5",) * 3,
    "gem": ("gem/gemini-2.5-flash",) * 3,
    "oll": ("oll/llama3.2:latest", "oll/llama3.2-vision", "oll/qwen3:latest"),
}
# OpenAI's chat counts what it thinks and shows nothing of it.
SILENT = "chat"
# Gemini thinks unasked; so many tokens of it are counted with the answer.
UNASKED = {"gem": 64}
CITY = {"city": "Zürich 東京", "days": 7}


@pytest.fixture(params=CLIENTS, scope="session")
def asks(hub, request):
    """One of the clients; base URL and key are all that is changed."""
    return CLIENTS[request.param](hub)


each_wire = pytest.mark.parametrize("wire", WIRES)
both_ways = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])


@each_wire
@both_ways
def test_words(asks, wire, streamed):
    answer = asks.ask(WIRES[wire][0], [asks.says("Hello out there")], streamed)
    assert (answer.text, answer.calls, answer.ended) == ("You said: Hello out there", [], "said all")
    assert answer.counted == (7, 5 + UNASKED.get(wire, 0))


@each_wire
@both_ways
def test_a_limit(asks, wire, streamed):
    answer = asks.ask(WIRES[wire][0], [asks.says("write 3000 words")], streamed, limit=20)
    assert answer.text and (answer.ended, answer.counted[1]) == ("limit", 20 + UNASKED.get(wire, 0))


@each_wire
@both_ways
def test_tools_and_their_results(asks, wire, streamed):
    options = {"tools": ["weather", "traffic"]}
    turns = [asks.says("Both?")]
    first = asks.ask(WIRES[wire][0], turns, streamed, **options)
    assert ([call[1:] for call in first.calls], first.ended) == ([("weather", CITY), ("traffic", CITY)], "tools")
    assert len({call[0] for call in first.calls}) == 2
    turns += [*first.turns, *asks.results([(call[0], word) for call, word in zip(first.calls, ["sunny", "calm"])])]
    second = asks.ask(WIRES[wire][0], turns, streamed, **options)
    assert (second.text, second.ended) == ("The tools said: sunny; calm", "said all")


@each_wire
@both_ways
def test_a_picture(asks, wire, streamed):
    answer = asks.ask(WIRES[wire][1], [asks.says("what is this?", picture=True)], streamed)
    assert answer.text == "You said: what is this? I see 1 image."


@each_wire
@both_ways
def test_a_schema(asks, wire, streamed):
    assert asks.ask(WIRES[wire][0], [asks.says("Weather?")], streamed, schema=True).json() == CITY


@each_wire
@both_ways
def test_thoughts_that_go_back_with_a_result(asks, wire, streamed):
    options = {"think": True, "tools": ["weather"], "limit": 4000}
    turns = [asks.says("Weather?")]
    first = asks.ask(WIRES[wire][2], turns, streamed, **options)
    assert [call[1:] for call in first.calls] == [("weather", CITY)]
    assert bool(first.thoughts) == (wire != SILENT)
    # A provider that signs its thoughts refuses to go on without them, or with others.
    turns += [*first.turns, *asks.results([(first.calls[0][0], "sunny")])]
    second = asks.ask(WIRES[wire][2], turns, streamed, **options)
    assert second.text == "The tools said: sunny"
