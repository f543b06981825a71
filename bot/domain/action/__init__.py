"""What the reusable Action decides: its inputs, its verdicts, and every word it writes."""
