"""One question to a language model, and everything that may come back."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.model.spending import Tokens


class Role(StrEnum):
    """Who says a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A whole conversation so far: nothing is kept at the server.

    `answer_tokens` is the most that the answer may have.
    """

    model: str
    messages: tuple[Message, ...]
    answer_tokens: int


@dataclass(frozen=True, slots=True)
class ProposalDocument:
    """What a model proposes: the text of one function, and what its module needs beside it.

    Everything in it is foreign text. `additions` are imports and private definitions for the top
    of the module; `confidence`, 0 to 1, is the model's own claim and decides nothing.
    """

    file: str
    function: str
    replacement: str
    additions: str
    why: str
    confidence: float


class Flaw(StrEnum):
    """Why an answer is no proposal document."""

    EMPTY = "empty-answer"
    NO_TEXT = "not-text"
    NO_JSON = "not-json"
    TOO_DEEP = "too-deep"
    WRONG_FORM = "wrong-form"
    CUT_OFF = "cut-off"
    DECLINED = "declined"
    COMMAND = "wants-to-act"


REPAIRABLE = frozenset({Flaw.EMPTY, Flaw.NO_JSON, Flaw.TOO_DEEP, Flaw.WRONG_FORM, Flaw.CUT_OFF})
"""What one more question may mend; a model that declines or wants to act is not asked again."""


class Failure(StrEnum):
    """Why there is no answer at all."""

    TIMED_OUT = "timed-out"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    SERVER_ERROR = "server-error"
    NOT_LET_IN = "not-let-in"
    NO_SUCH_MODEL = "no-such-model"
    NOT_UNDERSTOOD = "not-understood"
    TOO_LARGE = "too-large"
    NOT_A_CHAT = "not-a-chat"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal document; `text` is the answer as it came, `tokens` what the server counted."""

    document: ProposalDocument
    text: str
    tokens: Tokens | None


@dataclass(frozen=True, slots=True)
class Nonsense:
    """An answer that is no proposal document; `text` is its beginning."""

    flaw: Flaw
    why: str
    text: str
    tokens: Tokens | None


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer; `may_cost` says that the server may have worked, and be paid for it.

    `again_after_seconds` is how long it asked us to stay away, None if it did not.
    """

    failure: Failure
    why: str
    may_cost: bool
    again_after_seconds: float | None = None


Answer = Proposed | Nonsense | Silence

_SHOWN = 4_000


def repair(question: Question, nonsense: Nonsense) -> Question | None:
    """The question again with what was wrong with its answer; None if that is of no use."""
    if nonsense.flaw not in REPAIRABLE:
        return None
    wrong = f"That was no proposal document ({nonsense.flaw}): {nonsense.why}. Answer again with"
    again = (
        Message(Role.ASSISTANT, nonsense.text[:_SHOWN] or "(nothing)"),
        Message(Role.USER, f"{wrong} one JSON object of the form that was asked for, and no more."),
    )
    return Question(question.model, question.messages + again, question.answer_tokens)
