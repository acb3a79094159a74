"""Sentences to reports of watched hulls, ticks and reception."""
