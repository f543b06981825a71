"""The policy file `.github/ironclaw.yml`: read strictly, with every problem and its remedy."""

from bot.adapters.policy_file.parse import parse_policy
from bot.adapters.policy_file.schema import policy_schema, schema_text

__all__ = ["parse_policy", "policy_schema", "schema_text"]
