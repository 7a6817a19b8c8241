"""What the lecture trains, and how."""
