"""Writes docs/conformance.md from what a run of tools/conformance.sh left: the matrix as JSON, the clients' tests as JUnit's XML.

Nothing is left out: a test that no row of the table knows counts under "other", what failed is listed by name.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from xml.etree import ElementTree

# Which words of a test's name make it a test of which feature; the first that fits counts.
FEATURES = [
    ("limits and budgets", r"know_a_limit|daily_budget"),
    ("a connection is approved, denied, refused to others", r"approve|denied"),
    ("streams that break", r"broken|breaks within"),
    ("errors of the provider and retries", r"fault|retry"),
    ("errors of the caller", r"wrong.key|unknown.model|bad.request|error classes|refusals reach|refused.elsewhere"),
    ("the client cancels", r"cancel"),
    ("credit runs out", r"credit"),
    ("legacy completions", r"legacy"),
    ("tools", r"tool"),
    ("JSON that obeys a schema", r"json|structured|schema"),
    ("pictures", r"draw"),
    ("images", r"image|picture"),
    ("reasoning and its signatures", r"reason|think|thought"),
    ("embeddings", r"embed"),
    ("models, counting tokens", r"models|count"),
    ("caching, citations, stop reasons", r"cache|citation|stop.reason|stop.sequence|limit"),
    ("answers that the provider keeps", r"previous|keeps"),
    ("streams", r"stream"),
    ("whole answers", r"chat|create|messages|instructions|bearer|async|choices|looks like"),
]
OTHER = "other"

CLIENTS = {
    "test_openai": "openai (Python), chat",
    "test_responses": "openai (Python), responses",
    "test_anthropic": "anthropic (Python)",
    "test_wires": "both, at every wire (Python)",
    "test_credit": "both (Python)",
    "test_limits": "both (Python)",
    "openai": "openai (Node), chat",
    "responses": "openai (Node), responses",
    "anthropic": "@anthropic-ai/sdk (Node)",
    "wires": "both, at every wire (Node)",
    "credit": "both (Node)",
    "aigne/client": "@aigne/aigne-hub (Node)",
    "aigne/wires": "@aigne/aigne-hub (Node)",
    "aigne/credit": "@aigne/aigne-hub (Node)",
    "aigne/connect": "aigne hub connect, its requests",
    "cli/connect": "@aigne/cli",
}

# The file of tests that drives no client but an identity provider: it has a part of the page of its own.
IDENTITY = "identity"

# What is installed beside the clients.
OTHERS = ["crypto-js", "jose", "oidc-provider"]


def feature(name: str) -> str:
    """The row of a test."""
    return next((row for row, words in FEATURES if re.search(words, name, re.I)), OTHER)


def cases(path: Path):
    """The tests of a JUnit file: client, name, whether it passed; those that were skipped are neither."""
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        # Python's report names the file with each test, Node's are one a file.
        node = path.name.removesuffix(".xml").removeprefix("node.").replace(".", "/")
        client = node if path.name.startswith("node.") else case.get("classname", "").split(".")[-1]
        if client not in CLIENTS and client != IDENTITY:
            raise SystemExit(f"no client is known for {client}, in {path}")
        bad = case.find("failure") is not None or case.find("error") is not None
        skipped = case.find("skipped") is not None
        yield client, case.get("name", ""), None if skipped else not bad


def table(head, rows):
    """A table in Markdown."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def share(counts: Counter) -> str:
    """How many of how many."""
    all_of = counts[True] + counts[False]
    if not all_of:
        return ""
    return str(all_of) if not counts[False] else f"**{counts[True]} of {all_of}**"


def matrix(path: Path):
    """One run of the matrix."""
    run = json.loads(path.read_text())
    cells = run["cells"]
    passed = sum(cell["passed"] for cell in cells)
    providers = list(dict.fromkeys(cell["provider"] for cell in cells))
    dialects = list(dict.fromkeys(cell["dialect"] for cell in cells))
    what = f"{run['what']} on" if "what" in run else "On"
    yield f"### {what} {run['database']}: {passed} of {len(cells)} cells"
    yield ""
    yield "Cells of each dialect at each provider's wire; a number alone says that all of them passed."
    yield ""
    counts = defaultdict(Counter)
    for cell in cells:
        counts[cell["dialect"], cell["provider"]][cell["passed"]] += 1
        counts[cell["feature"], cell["dialect"]][cell["passed"]] += 1
    yield from table(
        ["dialect", *providers],
        ([dialect, *(share(counts[dialect, provider]) for provider in providers)] for dialect in dialects),
    )
    yield ""
    yield "The same cells by what was asked for or went wrong:"
    yield ""
    features = list(dict.fromkeys(cell["feature"] for cell in cells))
    yield from table(
        ["", *dialects],
        ([name, *(share(counts[name, dialect]) for dialect in dialects)] for name in features),
    )
    yield ""
    failed = [cell for cell in cells if not cell["passed"]]
    for cell in failed:
        way = "streamed" if cell["streamed"] else "whole"
        yield f"- failed: {cell['dialect']} at {cell['provider']}, {cell['feature']}, {way}"
    if failed:
        yield ""


def clients(folder: Path):
    """The real clients."""
    counts, failed, skipped = defaultdict(Counter), [], []
    for path in [folder / "python.xml", *sorted(folder.glob("node.*.xml"))]:
        for file, name, passed in cases(path):
            if file == IDENTITY:
                continue
            client = CLIENTS[file]
            if passed is None:
                skipped.append(f"{client}: {name}")
                continue
            counts[feature(name), client][passed] += 1
            if not passed:
                failed.append(f"{client}: {name}")
    names = [name for name in dict.fromkeys(CLIENTS.values()) if any(key[1] == name for key in counts)]
    rows = [name for name, _ in FEATURES] + [OTHER]
    every = sum((one for one in counts.values()), Counter())
    yield f"{every[True]} of {every[True] + every[False]} tests passed. A number alone says that all of them did."
    yield ""
    yield from table(
        ["", *names],
        (
            [row, *(share(counts[row, name]) for name in names)]
            for row in rows
            if any(counts[row, name] for name in names)
        ),
    )
    yield ""
    for what, list_of in [("failed", failed), ("skipped", skipped)]:
        for name in list_of:
            yield f"- {what}: {name}"
        if list_of:
            yield ""


def signing_in(folder: Path):
    """What was tried with the identity provider, each thing once for each database."""
    counts = defaultdict(Counter)
    for _, name, passed in cases(folder / f"node.{IDENTITY}.xml"):
        counts[name][passed] += 1
    every = sum(counts.values(), Counter())
    yield f"{every[True]} of {every[True] + every[False]} tests passed, each on SQLite and on PostgreSQL."
    yield ""
    for name, came in counts.items():
        told = f" (**{share(came).strip('*') or 'skipped'}**)" if came[False] or came[None] else ""
        yield f"- {name}{told}"
    yield ""


def versions(project: Path):
    """The clients that ran."""
    for line in (project / "tests/sdk/requirements.txt").read_text().splitlines():
        if line.startswith(("anthropic==", "openai==")):
            yield line.replace("==", " ") + " (Python)"
    for file in ["tests/sdk/package.json", "tests/sdk/aigne/package.json", "tests/sdk/cli/package.json"]:
        for name, version in json.loads((project / file).read_text())["devDependencies"].items():
            if name not in OTHERS:
                yield f"{name} {version} (Node)"


def page(folder: Path):
    """The whole page."""
    project = Path(__file__).resolve().parent.parent
    yield "# What was driven"
    yield ""
    yield "`make conformance` writes this page from what its tests came to; it is not edited by hand."
    yield "The providers' wires are played by the strict fakes of `tests/src/upstream`: no provider of the world was asked."
    yield ""
    yield "## The matrix"
    yield ""
    yield "Each cell sends one request in a client's dialect to one provider's wire (`tests/tests/it/matrix`). It passes when the"
    yield "client sees a grammatical answer of its dialect that says what the provider said, and usage and charge in the call's row are"
    yield "the provider's own count. `compatible` and `openai` are chat completions, `responses` is OpenAI's responses wire."
    yield ""
    for path in sorted(folder.glob("matrix.*.json"), key=lambda path: ("embeddings" in path.name, "sqlite" not in path.name)):
        yield from matrix(path)
    yield "## The clients"
    yield ""
    run_by = ", ".join((folder / "run-by").read_text().split("\n")).strip(", ")
    yield f"Unchanged, against the real binary, by {run_by}: " + ", ".join(versions(project)) + "."
    yield ""
    yield from clients(folder)
    of_node = json.loads((project / "tests/sdk/package.json").read_text())["devDependencies"]
    yield "## Signing in"
    yield ""
    yield f"By the certified `oidc-provider` {of_node['oidc-provider']} of npm, run beside the hub, and by a fake of GitHub's OAuth; what a correct"
    yield "provider never says is said by a layer before it."
    yield ""
    yield from signing_in(folder)
    yield "## What this does not show"
    yield ""
    yield "- Providers themselves: the fakes are written after public documents, and no credential of a provider was at hand."
    yield "- `aigne hub connect` on a desktop: a script stands in for the browser that it opens, and the person approves without JavaScript."
    yield "  When a person denies, the command line takes no notice and goes on asking for over an hour: it reads no status. It asks"
    yield "  for the user of a hub by https alone, so `aigne hub status` was not driven."
    yield "- What a client does beyond its own tests: each row counts tests of this project, not the client's whole surface."
    yield ""
    yield "## What is known to be lost"
    yield ""
    yield "- Sources that a provider tells only after a block of text has ended (Gemini's at the end of its stream) stand in whole answers and in"
    yield "  chats; a stream of Messages has no place for them then and leaves them out, as its grammar lets no finished block go on."
    yield "- AIGNE's `image` with pictures to begin with is refused where OpenAI draws: its edits are another wire, which the hub does not speak."


print("\n".join(page(Path(sys.argv[1]))))
