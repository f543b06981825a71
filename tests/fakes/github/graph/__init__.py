"""The GraphQL API: a part of GitHub's schema, with its own execution."""
