"""What can be done, whoever does it: a person, the API, or GitHub itself."""
