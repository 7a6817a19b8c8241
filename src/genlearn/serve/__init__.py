"""A run as a service: other programs ask it for samples, codes and scores over HTTP.

Requests that are alike are asked together (`batcher`): what comes while the model is at work is the
next batch, so nobody waits for company. What cannot be answered in time is refused at once, with
the time to try again. `questions` says what a model can be asked, `formats` how examples are
written, `openapi` the same for machines, `app` joins them, and `server` listens.
"""
