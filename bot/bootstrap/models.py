"""Chooses the language model that the operator's settings name."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.ledger import SqlLedger
from bot.domain.model.spending import MICRO
from bot.ports import ModelAccess, UserError
from bot.settings import Settings

_MARK_BYTES = 16
_REMEDY = (
    "Set OPENAI_API_KEY, and IRONCLAW_MODELS to the models with their prices in dollars per "
    "million tokens sent and received, like gpt-5-mini=0.25/2 (a local server's: name=0/0)."
)


def check_model(settings: Settings) -> None:
    """UserError where a model is wanted and the settings name none."""
    if settings.openai_api_key is None:
        raise UserError("a language model is wanted, and there is no key for one", _REMEDY)
    if not settings.models:
        raise UserError("a language model is wanted, and IRONCLAW_MODELS names none", _REMEDY)


@asynccontextmanager
async def model_access(
    settings: Settings, engine: AsyncEngine, *, capped: bool
) -> AsyncIterator[ModelAccess | None]:
    """The model with its ledger in this database; None where the settings name none.

    `capped` holds all repositories together to the operator's cap for a day, and lets nobody but
    the operator say what a model costs.
    """
    key = settings.openai_api_key
    if key is None or not settings.models:
        yield None
        return
    # Loading the library takes longer than most commands do, and few ask a model.
    adapter = import_module("bot.adapters.model")
    model = adapter.OpenAIModel(
        settings.models,
        key.get_secret_value(),
        settings.openai_base_url,
        secrets=settings.secret_values(),
    )
    is_capped = capped or "ironclaw_model_dollars_per_day" in settings.model_fields_set
    most = int(settings.ironclaw_model_dollars_per_day * MICRO)
    try:
        yield ModelAccess(
            model=model,
            ledger=SqlLedger(engine),
            prices=settings.model_prices,
            everything_a_day=most if is_capped else None,
            mark=lambda: secrets.token_hex(_MARK_BYTES),
        )
    finally:
        await model.close()
