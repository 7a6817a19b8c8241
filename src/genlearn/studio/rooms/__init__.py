"""Rooms in which a class takes the Turing test: what is shown in one, who judges, what was answered
and what that says."""
