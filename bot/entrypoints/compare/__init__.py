"""`ironclaw compare`: whether a rewrite answers like the code before, and whether it is faster."""
