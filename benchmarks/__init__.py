"""What ``make bench`` prints. Speed is a ratio within one run; tests never assert on it."""
