"""The code host on GitHub keeps the promises of every code host."""

from tests.adapters.codehost_contract import CodeHostContract


class TestGitHubCodeHost(CodeHostContract):
    does_not_deploy = "on GitHub deploying is the repository's own business"
