"""What a disk is asked for: one writer at a time, files that outlast a power cut, and room."""
