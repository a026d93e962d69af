"""The chat page: it translates the assistant's events into messages and panels, and knows nothing else."""
