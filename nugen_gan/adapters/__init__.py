"""File dialects: one file each, reader and writer together, and the registry."""
