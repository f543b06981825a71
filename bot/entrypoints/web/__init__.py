"""The way in over HTTP: deliveries, health, and what a person sees."""
