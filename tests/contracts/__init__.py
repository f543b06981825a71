"""The official descriptions of GitHub, held against the fake and against what we send."""
