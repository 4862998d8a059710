"""Programs of other people, as we imagine them: they know the public documents and nothing else."""
