"""`ironclaw detect`: what a file of numbers says."""
