"""Evaluation: how good answers are on questions whose facts and papers are known."""
