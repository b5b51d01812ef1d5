"""What tools/dev/tidy is made of."""
