"""What an attacker or bad luck may try, numbered as in docs/reference/security.md."""
