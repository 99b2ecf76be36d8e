"""Measurements, always as ratios against a named peer and always interleaved in one run: machines are noisy."""
