"""The use-cases: ask, run, deliver, cancel, quotas, the line; knows nothing of how Discord draws them."""
