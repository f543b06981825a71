"""What runs inside the sandbox, in the project's own interpreter.

Python 3.8 and later, and nothing but the standard library: the project's interpreter knows no more.
The folder is copied to where that finds it as `ironclaw_probes`, so siblings are imported by dots.
"""
