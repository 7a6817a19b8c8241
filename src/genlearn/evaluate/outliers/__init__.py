"""Which examples are unlike what a model has learned: scores, their calibration, a ranking, and how
well it finds what is known to be unusual.

log p(x) alone does not tell: most of it is spent on details, so that smooth examples of another
kind are more likely than the model's own (Nalisnick et al. 2019, arXiv 1810.09136). Each score is a
file of `scores`; higher means more unusual. Scores of different kinds share no scale, so each
example has a p-value beside, by reference examples that are as they should be.
"""
