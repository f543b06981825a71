"""`ironclaw watch`: judges a candidate's measurements beside a baseline's, from two files."""
