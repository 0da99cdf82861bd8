"""The first start: whoever opens a new office walks from nothing to its first visitor."""
