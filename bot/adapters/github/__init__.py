"""GitHub as a code host and a forum, through an App's installations."""
