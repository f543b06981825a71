"""What Ironclaw is held to."""
