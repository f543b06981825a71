"""What an attacker or bad luck may try, by the numbers of the table in docs/security.md."""
