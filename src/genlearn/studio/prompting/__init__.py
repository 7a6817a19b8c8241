"""Drawing what is asked for: the form that a model's options make, what was asked, and all that was
ever drawn with its settings, so that it can be drawn again."""
