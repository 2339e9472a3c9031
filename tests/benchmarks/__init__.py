"""What the benchmarks write by SQL of their own fits today's tables."""
