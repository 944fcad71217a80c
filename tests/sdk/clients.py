"""How each official client says what the tests of every wire ask for: a question, a picture, tools and their results, a schema, and that
the model shall think; whole or streamed. What comes back is told in the same words for all."""

import json
from dataclasses import dataclass, field

import anthropic
import openai

DATA = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PIXEL = f"data:image/png;base64,{DATA}"
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}


@dataclass
class Answer:
    """What a client has understood."""

    text: str
    # Id, name and arguments.
    calls: list[tuple[str, str, dict]]
    thoughts: str
    # Tokens in and out.
    counted: tuple[int, int]
    # "said all", "tools" or "limit".
    ended: str
    # What the client sends back to go on.
    turns: list = field(repr=False)

    def json(self):
        """What the text says."""
        return json.loads(self.text)


class Chat:
    """`openai` in chat completions."""

    def __init__(self, hub):
        self.client = openai.OpenAI(base_url=hub.base_url, api_key=hub.key, max_retries=0)

    def says(self, text, picture=False):
        """What a person says."""
        pictures = [{"type": "image_url", "image_url": {"url": PIXEL}}] if picture else []
        return {"role": "user", "content": [{"type": "text", "text": text}, *pictures]}

    def results(self, results):
        """What tools have answered."""
        return [{"role": "tool", "tool_call_id": call, "content": text} for call, text in results]

    def ask(self, model, turns, streamed, tools=(), schema=False, think=False, limit=None):
        """Asks."""
        options = {"model": model, "messages": turns}
        if tools:
            options["tools"] = [
                {"type": "function", "function": {"name": name, "parameters": SCHEMA, "strict": True}} for name in tools
            ]
        if schema:
            named = {"name": "weather", "schema": SCHEMA, "strict": True}
            options["response_format"] = {"type": "json_schema", "json_schema": named}
        if think:
            options["reasoning_effort"] = "high"
        if limit:
            options["max_completion_tokens"] = limit
        if streamed:
            # The helper that gathers a stream raises at a limit, as `parse` does.
            answer = self.gathered(self.client.chat.completions.create(stream=True, stream_options={"include_usage": True}, **options))
        else:
            answer = self.client.chat.completions.create(**options)
        choice, usage = answer.choices[0], answer.usage
        calls = choice.message.tool_calls or []
        return Answer(
            text=choice.message.content or "",
            calls=[(call.id, call.function.name, json.loads(call.function.arguments)) for call in calls],
            thoughts=(choice.message.model_extra or {}).get("reasoning_content", ""),
            counted=(usage.prompt_tokens, usage.completion_tokens),
            ended={"stop": "said all", "tool_calls": "tools", "length": "limit"}[choice.finish_reason],
            turns=[choice.message.to_dict()],
        )

    def gathered(self, stream):
        """The SDK's own way to put chunks together."""
        from openai.lib.streaming.chat import ChatCompletionStreamState

        state = ChatCompletionStreamState()
        for chunk in stream:
            state.handle_chunk(chunk)
        return state.current_completion_snapshot


class Responses:
    """`openai` in responses."""

    def __init__(self, hub):
        self.client = openai.OpenAI(base_url=hub.base_url, api_key=hub.key, max_retries=0)

    def says(self, text, picture=False):
        """What a person says."""
        pictures = [{"type": "input_image", "image_url": PIXEL, "detail": "auto"}] if picture else []
        return {"role": "user", "content": [{"type": "input_text", "text": text}, *pictures]}

    def results(self, results):
        """What tools have answered."""
        return [{"type": "function_call_output", "call_id": call, "output": text} for call, text in results]

    def ask(self, model, turns, streamed, tools=(), schema=False, think=False, limit=None):
        """Asks."""
        options = {"model": model, "input": turns, "store": False}
        if tools:
            options["tools"] = [{"type": "function", "name": name, "parameters": SCHEMA, "strict": True} for name in tools]
        if schema:
            options["text"] = {"format": {"type": "json_schema", "name": "weather", "schema": SCHEMA, "strict": True}}
        if think:
            options |= {"reasoning": {"effort": "high", "summary": "auto"}, "include": ["reasoning.encrypted_content"]}
        if limit:
            options["max_output_tokens"] = limit
        if streamed:
            with self.client.responses.stream(**options) as stream:
                last = [event for event in stream][-1]
            answer = last.response
        else:
            answer = self.client.responses.create(**options)
        calls = [item for item in answer.output if item.type == "function_call"]
        thoughts = [part.text for item in answer.output if item.type == "reasoning" for part in item.summary]
        if answer.status == "incomplete":
            ended = {"max_output_tokens": "limit"}[answer.incomplete_details.reason]
        else:
            ended = "tools" if calls else "said all"
        return Answer(
            text=answer.output_text,
            calls=[(call.call_id, call.name, json.loads(call.arguments)) for call in calls],
            thoughts="".join(thoughts),
            counted=(answer.usage.input_tokens, answer.usage.output_tokens),
            ended=ended,
            turns=[{name: value for name, value in item.to_dict().items() if name != "parsed_arguments"} for item in answer.output],
        )


class Messages:
    """`anthropic`."""

    def __init__(self, hub):
        self.client = anthropic.Anthropic(base_url=hub.address, api_key=hub.key, max_retries=0)

    def says(self, text, picture=False):
        """What a person says."""
        source = {"type": "base64", "media_type": "image/png", "data": DATA}
        pictures = [{"type": "image", "source": source}] if picture else []
        return {"role": "user", "content": [{"type": "text", "text": text}, *pictures]}

    def results(self, results):
        """What tools have answered."""
        blocks = [{"type": "tool_result", "tool_use_id": call, "content": text} for call, text in results]
        return [{"role": "user", "content": blocks}]

    def ask(self, model, turns, streamed, tools=(), schema=False, think=False, limit=None):
        """Asks."""
        options = {"model": model, "messages": turns, "max_tokens": limit or 500}
        if tools:
            options["tools"] = [{"name": name, "input_schema": SCHEMA} for name in tools]
        if schema:
            options["output_config"] = {"format": {"type": "json_schema", "schema": SCHEMA}}
        if think:
            options["thinking"] = {"type": "enabled", "budget_tokens": 2000}
        if streamed:
            with self.client.messages.stream(**options) as stream:
                answer = stream.get_final_message()
        else:
            answer = self.client.messages.create(**options)
        blocks = answer.content
        return Answer(
            text="".join(block.text for block in blocks if block.type == "text"),
            calls=[(block.id, block.name, block.input) for block in blocks if block.type == "tool_use"],
            thoughts="".join(block.thinking for block in blocks if block.type == "thinking"),
            counted=(answer.usage.input_tokens, answer.usage.output_tokens),
            ended={"end_turn": "said all", "tool_use": "tools", "max_tokens": "limit"}[answer.stop_reason],
            turns=[{"role": "assistant", "content": [block.to_dict() for block in blocks]}],
        )


CLIENTS = {"chat": Chat, "responses": Responses, "messages": Messages}
