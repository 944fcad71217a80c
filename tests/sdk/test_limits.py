"""What the official Python SDKs make of a limit: their own exceptions, how long to wait, and the headers that they show."""

import anthropic
import openai
import pytest

from hub import EMAIL, Hub

MODEL = "fake/gpt-4o-mini"
HELLO = [{"role": "user", "content": "Hello"}]


def sells(hub):
    """Calls cost money, and there is enough of it."""
    hub.run("settings", "set", "mode", "service-provider")
    hub.run("price", "set", "--model", MODEL, "--input-per-million", "1000", "--output-per-million", "1000")
    hub.run("credits", "grant", "--user", EMAIL, "--amount", "100", "--reason", "enough")


@pytest.fixture
def shop():
    """A hub that sells."""
    running = Hub(prepare=sells)
    yield running
    running.end()


def until(done, ask):
    """Asks until the answer, or the error, is the one that a change of a moment ago leads to: it acts within a second."""
    for _ in range(500):
        try:
            answer = ask()
        except (openai.APIStatusError, anthropic.APIStatusError) as refused:
            answer = refused
        if done(answer):
            return answer
    raise AssertionError(answer)


def test_the_sdks_know_a_limit_when_they_see_one(shop):
    client = openai.OpenAI(base_url=shop.base_url, api_key=shop.key, max_retries=0)
    claude = anthropic.Anthropic(base_url=shop.address, api_key=shop.key, max_retries=0)

    def limit(*what):
        shop.run("limit", "set", "--user", EMAIL, *what)

    def ask():
        return client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO, max_tokens=20)

    limit("--requests", "1000", "--per", "day")
    answer = until(lambda answer: "x-ratelimit-limit-requests" in answer.headers, ask)
    assert answer.headers["x-ratelimit-limit-requests"] == "1000"
    assert int(answer.headers["x-ratelimit-remaining-requests"]) < 1000

    limit("--requests", "1", "--per", "day")
    refused = until(lambda answer: isinstance(answer, openai.RateLimitError), ask)
    assert (refused.status_code, refused.code) == (429, "rate_limit_exceeded")
    assert 1 <= int(refused.response.headers["retry-after"]) <= 86_400
    assert refused.body["limit"]["used"] >= refused.body["limit"]["limit"] == 1
    with pytest.raises(anthropic.RateLimitError) as over:
        claude.messages.create(model=MODEL, messages=HELLO, max_tokens=20)
    assert over.value.body["error"]["type"] == "rate_limit_error"
    assert over.value.response.headers["anthropic-ratelimit-requests-remaining"] == "0"

    limit("--requests", "1000", "--per", "day")
    limit("--spend", "0", "--per", "day")
    broke = until(lambda answer: getattr(answer, "status_code", 200) == 402, ask)
    assert (type(broke), broke.code) == (openai.APIStatusError, "spend_limit_reached")
    assert broke.body["limit"]["limit"] == "0.00"
    assert {entry["measure"] for entry in shop.get("limits")["data"]} == {"requests", "spend"}
    assert shop.run("verify-ledger")["findings"] == []


def test_a_member_works_within_a_daily_budget(shop):
    member = "moss@example.test"
    shop.run("user", "create", "--email", member, "--role", "member", "--password-stdin", typed="a long enough password")
    shop.run("credits", "grant", "--user", member, "--amount", "100", "--reason", "enough")
    made = shop.run("key", "create", "--user", member, "--name", "budget")
    shop.run("limit", "set", "--key", made["id"], "--spend", "1", "--per", "day")
    client = openai.OpenAI(base_url=shop.base_url, api_key=made["key"], max_retries=0)

    def ask():
        return client.chat.completions.create(model=MODEL, messages=HELLO, max_tokens=100)

    # The key itself is seen within a second, and its budget with it: both were made before.
    until(lambda answer: not isinstance(answer, openai.AuthenticationError), ask)
    refused = until(lambda answer: isinstance(answer, openai.APIStatusError), ask)
    assert (refused.status_code, refused.code) == (402, "spend_limit_reached")
    limit = refused.body["limit"]
    assert (limit["on"], limit["window"], limit["limit"]) == ("key", "day", "1.00")
    assert 0 < float(limit["used"]) <= 1
    assert "The limit of this key is 1.00 spend per day" in refused.body["message"]
    assert 1 <= int(refused.response.headers["retry-after"]) <= 86_400
    [told] = shop.run("limit", "list", "--key", made["id"])
    assert (told["reserved"], told["most"]) == ("0.00", "1.00")
    assert shop.run("verify-ledger")["findings"] == []
