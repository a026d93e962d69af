"""Prompt files, nothing else: ``<name>/<role>.md``."""
