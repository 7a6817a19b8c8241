"""One file per model, reading like its paper."""
