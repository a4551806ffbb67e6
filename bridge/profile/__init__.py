"""PURE. The file format of profiles, defined here and nowhere else."""
