"""The verbs of the loop: each reads the truth, asks one decision, does one idempotent action."""
