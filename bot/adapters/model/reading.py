"""What a server sent, taken apart: a chat completion, and the proposal document in its text."""

import re
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.model.conversation import (
    Answer,
    Failure,
    Flaw,
    Nonsense,
    ProposalDocument,
    Proposed,
    Silence,
)
from bot.domain.model.spending import Tokens

_MOST_TOKENS: Final = 10**9
_SHOWN: Final = 4_000
_PROBLEMS: Final = 3
_FENCED = re.compile(r"\A```(?:json)?[ \t]*\n(?P<inside>.*)\n```\Z", re.DOTALL)


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[Any] | None = None
    function_call: Any = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: Annotated[list[_Choice], Field(min_length=1)]
    usage: Any = None


class _Usage(BaseModel):
    # No question has none: a server that says so has not counted.
    prompt_tokens: Annotated[int, Field(ge=1, le=_MOST_TOKENS, strict=True)]
    completion_tokens: Annotated[int, Field(ge=0, le=_MOST_TOKENS, strict=True)]


class _Document(BaseModel):
    """The form of an answer; the server is told this very schema."""

    model_config = ConfigDict(extra="forbid", strict=True)

    file: Annotated[str, Field(max_length=1_000)]
    function: Annotated[str, Field(max_length=1_000)]
    replacement: Annotated[str, Field(max_length=200_000)]
    additions: Annotated[str, Field(max_length=200_000)]
    why: Annotated[str, Field(max_length=10_000)]
    confidence: Annotated[float, Field(ge=0, le=1, strict=False, allow_inf_nan=False)]


def document_schema() -> dict[str, Any]:
    """The answer's JSON Schema in the part of that language that servers understand."""
    text = {"type": "string"}
    properties = {name: text for name in _Document.model_fields if name != "confidence"}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(_Document.model_fields),
        "properties": {**properties, "confidence": {"type": "number"}},
    }


def read_answer(body: bytes) -> Answer:
    """The proposal document in a chat completion, or what there is instead; never raises."""
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError as error:
        return Silence(Failure.NOT_A_CHAT, _problems(error), may_cost=True)
    choice, tokens = completion.choices[0], _tokens(completion.usage)
    message = choice.message
    text = message.content or ""
    if message.tool_calls or message.function_call:
        return _nonsense(Flaw.COMMAND, "it calls tools that it was not given", text, tokens)
    if message.refusal or choice.finish_reason == "content_filter":
        why = (message.refusal or "the server's filter")[:200]
        return _nonsense(Flaw.DECLINED, f"it declines: {why}", text, tokens)
    if choice.finish_reason == "length":
        return _nonsense(Flaw.CUT_OFF, "it is longer than was allowed", text, tokens)
    return _document(text, tokens)


def _document(text: str, tokens: Tokens | None) -> Answer:
    inside = _unwrapped(text)
    if not inside:
        return _nonsense(Flaw.EMPTY, "nothing stands in it", text, tokens)
    try:
        found = _Document.model_validate_json(inside)
    except ValidationError as error:
        return _nonsense(_flaw(error), _problems(error), text, tokens)
    except UnicodeEncodeError:
        return _nonsense(Flaw.NO_TEXT, "it holds what no text has", text, tokens)
    return Proposed(ProposalDocument(**found.model_dump()), text, tokens)


def _unwrapped(text: str) -> str:
    """Without the thoughts that some models write first, and without one fence around all."""
    text = text.rpartition("</think>")[2].strip()
    fenced = _FENCED.match(text)
    return fenced["inside"].strip() if fenced else text


def _flaw(error: ValidationError) -> Flaw:
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] != "json_invalid":
        return Flaw.WRONG_FORM
    return Flaw.TOO_DEEP if "recursion" in first["msg"] else Flaw.NO_JSON


def _problems(error: ValidationError) -> str:
    """The first few, without what was sent."""
    every = error.errors(include_url=False, include_input=False)
    places = (
        f"{'.'.join(map(str, one['loc']))[:80]}: {one['msg'][:160]}" if one["loc"] else one["msg"]
        for one in every[:_PROBLEMS]
    )
    return "; ".join(places)


def _tokens(given: Any) -> Tokens | None:
    """What the server counted, None where it says nothing that can be."""
    try:
        usage = _Usage.model_validate(given)
    except ValidationError:
        return None
    return Tokens(usage.prompt_tokens, usage.completion_tokens)


def _nonsense(flaw: Flaw, why: str, text: str, tokens: Tokens | None) -> Nonsense:
    return Nonsense(flaw, why, text[:_SHOWN], tokens)
