"""Mode `sandbox`: the commit that is checked out, tried beside its base."""

from pathlib import Path

from bot.bootstrap.local import LocalChoices, open_checkout
from bot.domain.action import change, inputs
from bot.domain.action.event import Event, base_of
from bot.domain.action.outcome import Outcome
from bot.domain.benchmark import Faster, Slower
from bot.learning.changing import verify_change
from bot.ports import UserError

_DEPTH = "Check out with `fetch-depth: 2`, or 0 for a push, or name it in `base`."


async def sandbox(wanted: inputs.Sandbox, event: Event, folder: Path, data: Path) -> Outcome:
    """Verify; UserError where there is nothing to compare with."""
    choices = LocalChoices(folder, python=wanted.python, test_command=wanted.test_command)
    looking = await open_checkout(choices, "", data)
    head = await looking.host.commit()
    name = wanted.base or base_of(event, head.sha, head.parents)
    if not name:
        raise UserError("it is not known which commit to compare with", _DEPTH)
    try:
        base = await looking.host.commit(name)
        checkout = await open_checkout(choices, base.sha, data)
        trees = await checkout.host.tree(base.sha), await checkout.host.tree(head.sha)
    except UserError as error:
        raise UserError(f"the base {name[:12]} cannot be read: {error}", _DEPTH) from error
    seen = await verify_change(checkout.sandbox, checkout.settings, checkout.policy, *trees)
    preserves = wanted.preserve is inputs.Preserve.TRUE or (
        wanted.preserve is inputs.Preserve.AUTO and event.is_ours
    )
    verdict, why = change.judge_change(seen, preserves=preserves)
    return Outcome(
        mode=inputs.Mode.SANDBOX,
        verdict=verdict,
        headline=why,
        sections=change.sections(seen),
        annotations=change.annotations(seen),
        regressions=sum(isinstance(one.benchmark, Slower) for one in seen.functions),
        improvements=sum(isinstance(one.benchmark, Faster) for one in seen.functions),
        details={
            "base": base.sha,
            "head": head.sha,
            "preserves": preserves,
            **change.change_document(seen),
        },
    )
