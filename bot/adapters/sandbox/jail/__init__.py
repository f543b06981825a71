"""What stands between Ironclaw and one untrusted command: a warden, and walls around the command.

Everything here runs in a process of its own with the standard library alone, so that it starts in
milliseconds and holds nothing worth stealing.
"""
