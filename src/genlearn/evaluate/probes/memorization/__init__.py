r"""Memorisation: are some samples copies of training examples?

A sample that lies near a training example is no copy for that alone: where data is dense,
everything does. A copy is near *one* training example and not equally near to the next ones. With
d_1 <= d_2 <= ... the distances to the training examples (equal ones counted once), the ratio

    r = d_1 / mean(d_2 .. d_6)

has no scale, so it accuses neither blurry samples nor samples of dense regions. It has a dimension,
though: in a region of intrinsic dimension D the share of examples with r < t grows as t^D, and an
honest model that draws too much from a region of small D would have too many small r. So a second
statistic takes the dimension out. By Levina & Bickel's (2004) estimate D = 1 / mean_{j=2}^{20}
log(d_21 / d_j), and

    v = r^D,

about the share of the neighbourhood's volume in which no other training example lies. v in turn is
too small where D is overestimated, which is far from the data, where r is near 1. A suspect must be
small in both: examples are ordered by level = max(rank of r, rank of v), ranked among samples and
held-out examples together.

**Copies in disguise.** A sample on the line between two training examples is made of these, and of
nothing learned; with u, v among its eight nearest training examples, and d_j as above,

    s = min over u, v of |x - [u, v]| / mean(d_2 .. d_6),    [u, v] the segment,

is 0 there, where new data in more than a few dimensions has no s below 0.3 (the digits, MNIST); the
number of samples with s < 0.1 is compared with that of held-out examples. A copy that is shifted by
a few pixels, or mirrored, is far in pixels and hard to see for features; the amplitudes of its
Fourier transform are those of the original, up to what enters at the border, so that images are
looked at in these too.

**The null is measured, not assumed.** If the model has learned the distribution and copied nothing,
its samples and the held-out examples are exchangeable given the training set. The number C of the n
samples whose level is below the j-th smallest of the m held-out ones then has

    P(C >= c) = P(at most j - 1 held-out examples among the lowest c + j - 1) = H(j - 1; n + m, m, c
    + j - 1),

H the distribution function of the hypergeometric distribution, exactly and for any data. Taken at j
= 1, 1 % and 5 % of m, and for the numbers with r = 0 and s < 0.1 (Fisher's exact test); p is the
least times the number of tests. Duplicates across the split, which real data has, are part of the
null. A threshold counts only where at least twice the expected share lies below it: less tells of a
distribution a little different, not of copies. And a model that honestly draws one class alone must
not be accused because that class is crowded: space is cut into the Voronoi cells of some training
examples, and where a cell has more samples than its held-out examples and chance explain, they
count as no more than that.

**Membership.** Which examples a model learned from should not show. AUC = P(a training example is
nearer to some sample than a held-out one is) is 1/2 if it does not (membership inference; Chen et
al. 2020, "GAN-Leaks", arXiv 1909.03935); it sees what is generalised badly, long before copies. The
same gap between training and test is read in feature likelihood by Jiralerspong et al. 2023, arXiv
2302.04440. From the side of the samples, a share tells how often the nearest of as many training as
held-out examples is of the training (`closest_record`).

**The other figure** is that of Meehan, Chaudhuri & Dasgupta 2020, "A non-parametric test to detect
data-copying in generative models", arXiv 2004.05675: the Mann-Whitney z of d_1, samples against
held-out examples, here over the whole space. z << 0: samples lie nearer to the training set than
new data does.

**Pitfalls.** z is not evidence by itself: blurry samples lie near the mean and so near everything,
and have z << 0 without any copy; noise and z > 0 hide copies. The ratio sees copies in the features
it is given: a turned or recoloured copy is one only in features that do not mind. A training
example that has near-duplicates hides its own copies, unless they are exact. Few samples cannot
prove rare copying: c copies among n = m stand out from c = 9 on. And p < 0.01 accuses one honest
model in a hundred at most -- not in none.
"""

from __future__ import annotations

from .closest_record import CLOSEST_RECORD
from .membership_auc import MEMBERSHIP, membership
from .report import REPORTED, MemorizationReport, memorization_report

METRICS = (*REPORTED, MEMBERSHIP, CLOSEST_RECORD)

__all__ = ["METRICS", "MemorizationReport", "membership", "memorization_report"]
