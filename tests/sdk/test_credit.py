"""One credit, spent by parallel streams of the official Python SDK until there is none: not a nano-USD is lost."""

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import openai
import pytest

from hub import EMAIL, Hub

MODEL = "fake/gpt-4o-mini"
# In USD for a token: a million of them cost 487.651 and 1013.377.
INPUT, OUTPUT = Decimal("0.000487651"), Decimal("0.001013377")


def sells(hub):
    """Calls cost money."""
    hub.run("settings", "set", "mode", "service-provider")
    rates = ["--input-per-million", str(INPUT * 1_000_000), "--output-per-million", str(OUTPUT * 1_000_000)]
    hub.run("price", "set", "--model", MODEL, *rates)


@pytest.fixture
def shop():
    """A hub that sells."""
    running = Hub(prepare=sells)
    yield running
    running.end()


def spend(client):
    """Streams one after the other until the hub says that there is no more credit: what they cost, and what it said."""
    paid = []
    while True:
        try:
            stream = client.chat.completions.create(
                model=MODEL,
                messages=[{"role": "user", "content": "write 20 words"}],
                max_tokens=30,
                stream=True,
                stream_options={"include_usage": True},
            )
            usage = list(stream)[-1].usage
        except openai.APIStatusError as refused:
            if refused.status_code == 402 and refused.body["credit"]["waiting_helps"]:
                # What the other streams hold may yet be free.
                assert "retry-after" in refused.response.headers
                time.sleep(0.02)
                continue
            return paid, refused
        paid.append(usage.prompt_tokens * INPUT + usage.completion_tokens * OUTPUT)


def test_one_credit_is_spent_to_the_last_nano(shop):
    client = openai.OpenAI(base_url=shop.base_url, api_key=shop.key, max_retries=0)
    with pytest.raises(openai.APIStatusError) as penniless:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hello"}])
    assert penniless.value.status_code == 402

    shop.run("credits", "grant", "--user", EMAIL, "--amount", "1", "--reason", "one credit")
    with ThreadPoolExecutor(6) as pool:
        ends = list(pool.map(spend, [client] * 6))

    paid = [charge for charges, _ in ends for charge in charges]
    balance = shop.run("credits", "balance", "--user", EMAIL)
    left = Decimal(balance["balance"])
    assert (Decimal(balance["held"]), Decimal(balance["debt"])) == (0, 0)
    assert sum(paid) + left == 1, (paid, left)
    assert len(paid) >= 20
    for _, refused in ends:
        assert (refused.status_code, refused.type, refused.code) == (402, "insufficient_quota", "insufficient_credits")
        credit = refused.body["credit"]
        assert Decimal(credit["spendable"]) == left < Decimal(credit["needed"])
        assert credit["url"].endswith("/credits")

    # The hub tells the same: by day and model, by call, by account, and in its books.
    usage = shop.get("usage")["data"]
    assert [entry["model"] for entry in usage] == [MODEL] * len(usage)
    assert sum(Decimal(entry["charge"]) for entry in usage) == sum(paid)
    assert Decimal(shop.get("credits")["balance"]) == left
    charges = [call["charge"] for call in shop.run("call", "list", "--limit", "1000")]
    assert sum(Decimal(charge) for charge in charges if charge) == sum(paid)
    assert shop.run("verify-ledger")["findings"] == []
