"""Trainings as a page asks for them: cards and forms made of the models' own hyper-parameters."""
