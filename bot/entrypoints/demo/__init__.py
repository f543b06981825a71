"""The whole loop on the sample service, for a person to watch."""
