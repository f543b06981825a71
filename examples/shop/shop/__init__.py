"""A small shop over HTTP: products, search, orders and reports."""
