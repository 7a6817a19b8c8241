"""Which one is real? The Turing test of a generative model, as people take it.

Judges look at images, real and generated, and say which are which. What tells them apart is
measured as psychophysics does it: how often they are right, with an interval; how well they
discriminate, apart from what they like to answer; and whether "no difference" was shown, or only
not refuted. Zhou et al. 2019 (HYPE, arXiv 1904.01121); Macmillan & Creelman 2005.

`make_trials` chooses what is shown, balanced and blind; `quiz_fragment` makes it a part of any
page, and `quiz_page` a page by itself; `read_results` reads what judges send back, and `summarize`
says what all of them together have shown.
"""

from .component import QUIZ_SCRIPT, QUIZ_STYLE, quiz_fragment
from .page import quiz_page
from .results import read_results
from .statistics import summarize
from .trials import make_trials

__all__ = [
    "QUIZ_SCRIPT",
    "QUIZ_STYLE",
    "make_trials",
    "quiz_fragment",
    "quiz_page",
    "read_results",
    "summarize",
]
