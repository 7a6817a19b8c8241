"""The columns of a table: what each holds, how its values are spread, and the way back."""
