"""The interface for programs: each operation once, as it is served and as it is documented."""
