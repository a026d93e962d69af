"""The commands, one a module: ``register`` adds its options, ``run`` does it and returns the exit code."""
