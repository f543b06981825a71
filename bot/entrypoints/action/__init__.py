"""`ironclaw action`: what the steps of `action.yml` run."""
