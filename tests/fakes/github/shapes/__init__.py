"""The JSON that GitHub shows for each kind of thing."""
