"""`ironclaw report`: how a service did, for a terminal, a program or a browser."""
