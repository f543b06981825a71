"""The verbs of the loop, told as stories on fakes."""
