"""The sandbox, shown with real processes."""
