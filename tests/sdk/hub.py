"""A hub over a fake provider, each a process of its own, for the tests of the Python SDK.

The binaries are those of cargo's debug folder, or HUB_TEST_BINARY / HUB_BINARY for the hub.
"""

import json
import os
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CREDENTIAL = "sk-fake-upstream-0123456789abcdef"
EMAIL = "sdk@example.test"
PATIENCE = 20.0


def program(name: str) -> str:
    """The path of a program that cargo has built."""
    named = os.environ.get("HUB_TEST_BINARY") or os.environ.get("HUB_BINARY")
    if name == "aigne-hub" and named:
        return named
    target = PROJECT / os.environ.get("CARGO_TARGET_DIR", "target")
    path = target / "debug" / name
    if not path.is_file():
        raise RuntimeError(f"there is no {path}; build it with `cargo build --workspace --exclude browser`")
    return str(path)


class Process:
    """A running program whose first line of output says where it is."""

    def __init__(self, command: list[str], **options):
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, **options)
        self.greeting = self.child.stdout.readline().strip()
        if not self.greeting:
            self.end()
            raise RuntimeError(f"{command[0]} ended at its start")

    def end(self):
        """Ends it and waits."""
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class Hub:
    """A hub with a user, a key and the providers `fake`, `own` (OpenAI itself), `claude`, `gem` and `oll`; `prepare` does more before the
    server starts."""

    def __init__(self, prepare=lambda hub: None):
        self.folder = tempfile.TemporaryDirectory()
        self.fake = Process([program("fake-openai"), "--key", CREDENTIAL])
        self.environment = {
            "PATH": os.environ["PATH"],
            "HUB_LISTEN": "127.0.0.1:0",
            "HUB_DATA_DIR": self.folder.name,
            "HUB_LOG": "off",
            "HUB_DRAIN_SECONDS": "1",
        }
        self.run("user", "create", "--email", EMAIL, "--role", "admin", "--password-stdin", typed="a long sdk password")
        self.key = self.run("key", "create", "--user", EMAIL, "--name", "sdk")["key"]
        # Beside those that it lists: models that draw, that see, and that only answer responses.
        for name, kind, more in [
            ("fake", "openai-compatible", []),
            ("own", "openai", ["gpt-image-1", "dall-e-3", "codex-gpt-4o", "codex-o4-mini"]),
            ("claude", "anthropic", []),
            ("gem", "google", ["gemini-2.5-flash-image"]),
            ("oll", "ollama", ["llama3.2-vision"]),
        ]:
            # The last two put in their own version.
            address = self.fake.greeting.removesuffix("/v1") if name in ("gem", "oll") else self.fake.greeting
            base = ["--name", name, "--base-url", address, "--credential-stdin"]
            base += [word for model in more for word in ("--model", model)]
            self.run("provider", "add", "--kind", kind, *base, typed=CREDENTIAL)
        prepare(self)
        options = {"env": self.environment, "cwd": self.folder.name}
        self.server = Process([program("aigne-hub"), "serve", "--json"], **options)
        self.address = json.loads(self.server.greeting)["address"]
        self.control("POST", "forbid", {"text": self.key})

    @property
    def base_url(self) -> str:
        """What an SDK is given instead of the provider's address."""
        return f"{self.address}/v1"

    def run(self, *arguments: str, typed: str = "") -> dict:
        """Runs a command of the hub and gives its answer."""
        done = subprocess.run(
            [program("aigne-hub"), *arguments, "--json"],
            input=typed + "\n",
            capture_output=True,
            text=True,
            env=self.environment,
            cwd=self.folder.name,
        )
        if done.returncode != 0:
            raise RuntimeError(f"aigne-hub {' '.join(arguments)}: {done.stderr}")
        return json.loads(done.stdout)

    def control(self, method: str, what: str, body: dict | None = None):
        """Tells the fake provider to do something, or asks what it saw."""
        address = self.fake.greeting.removesuffix("/v1")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{address}/control/{what}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def requests(self, path: str = "/v1/chat/completions") -> list[dict]:
        """The requests that reached the provider at this path."""
        return [record for record in self.control("GET", "requests") if record["path"] == path]

    def call(self, call_id: str) -> dict:
        """The hub's own record of a call."""
        return self.get(f"calls/{call_id}")

    def get(self, path: str) -> dict:
        """What the hub itself tells the owner of the key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        request = urllib.request.Request(f"{self.base_url}/{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def end(self):
        """Ends everything."""
        self.server.end()
        self.fake.end()
        self.folder.cleanup()


def eventually(find):
    """Waits until `find` gives something true, and gives that."""
    end = time.monotonic() + PATIENCE
    while True:
        found = find()
        if found:
            return found
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
