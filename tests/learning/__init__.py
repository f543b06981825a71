"""The five components on fakes."""
