// Statistics of one judge, as in proportions.py, detection.py and statistics.py, whose docstrings say why.
const Z = 1.959963984540054;

const wilson = (share, n) => {
  if (!n) return [0, 1];
  const centre = share + Z ** 2 / (2 * n), scale = 1 + Z ** 2 / n;
  const half = Z * Math.sqrt(Math.max((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2), 0));
  return [Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale)];
};

const newcombe = (first, m, second, n) => {
  const [l1, u1] = wilson(first, m), [l2, u2] = wilson(second, n);
  return [first - second - Math.hypot(first - l1, u2 - second), first - second + Math.hypot(u1 - first, second - l2)];
};

// P(X >= right) of a binomial, its terms by their logarithms.
const atLeast = (right, n, chance) => {
  let log = n * Math.log1p(-chance), sum = 0;
  for (let k = 0; k <= n; k++) {
    if (k >= right) sum += Math.exp(log);
    log += Math.log((n - k) / (k + 1)) + Math.log(chance / (1 - chance));
  }
  return Math.min(1, sum);
};
const atMost = (right, n, chance) => atLeast(n - right, n, 1 - chance);

// The normal quantile: Wichura 1988, algorithm AS 241, to 16 digits.
const polynomial = (x, coefficients) => coefficients.reduceRight((sum, c) => sum * x + c, 0);
const CENTRAL = [
  [3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
   4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3],
  [1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
   2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3],
];
const TAIL = [
  [1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
   1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4],
  [1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
   1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9],
];
const probit = (p) => {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(r, CENTRAL[0])) / polynomial(r, CENTRAL[1]);
  }
  const r = Math.sqrt(-Math.log(Math.min(p, 1 - p))) - 1.6; // good to p of 1e-11, and counts are under 1e6
  return (Math.sign(q) * polynomial(r, TAIL[0])) / polynomial(r, TAIL[1]);
};
const bell = (z) => Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);

const sum = (values) => values.reduce((a, b) => a + b, 0);
const share = (values) => {
  const n = values.length, count = sum(values);
  const [low, high] = n ? wilson(count / n, n) : [NaN, NaN];
  return { count, n, value: count / n, low, high };
};

const detect = (signal, noise, pair) => {
  const found = { hits: share(signal), alarms: share(noise), d: NaN, low: NaN, high: NaN, criterion: NaN };
  if (!signal.length || !noise.length) return found;
  const parts = [signal, noise].map((x) => {
    const rate = (sum(x) + 0.5) / (x.length + 1), z = probit(rate);
    return { z, variance: (rate * (1 - rate)) / (x.length * bell(z) ** 2) };
  });
  const scale = pair ? Math.SQRT2 : 1;
  const half = (Z * Math.sqrt(parts[0].variance + parts[1].variance)) / scale;
  const d = (parts[0].z - parts[1].z) / scale;
  return { ...found, d, low: d - half, high: d + half, criterion: -(parts[0].z + parts[1].z) / 2 };
};

// truth: [{source, right}], right null of a control; given: 0 or 1, of the scored trials.
const summarize = (kind, sources, truth, given) => {
  const pair = kind === "pair";
  const rows = truth.map((one, i) => ({ ...one, given: given[i], correct: Number(given[i] === one.right) }));
  const scored = rows.filter((row) => row.right !== null), controls = rows.filter((row) => row.right === null);
  const told = (some) => detect(...[1, 0].map((right) => some.filter((r) => r.right === right).map((r) => r.given)), pair);
  const accuracy = share(scored.map((row) => row.correct)), { count, n } = accuracy;
  const models = sources.map((name, index) => {
    const own = scored.filter((row) => row.source === index);
    const fooled = share(own.map((row) => 1 - row.correct));
    const detection = told(pair ? own : scored.filter((row) => row.source === index || row.source < 0));
    if (pair) return { name, fooled, detection, accuracy: 1 - fooled.value, low: 1 - fooled.high, high: 1 - fooled.low };
    const { hits, alarms } = detection;
    const [low, high] = newcombe(hits.value, hits.n, alarms.value, alarms.n);
    return { name, fooled, detection, accuracy: 0.5 + (hits.value - alarms.value) / 2, low: 0.5 + low / 2, high: 0.5 + high / 2 };
  });
  return {
    accuracy, models, detection: told(scored),
    p: Math.min(1, 2 * Math.min(atMost(count, n, 0.5), atLeast(count, n, 0.5))),
    pEquivalent: Math.max(atLeast(count, n, 0.4), atMost(count, n, 0.6)),
    firstSide: controls.length ? share(controls.map((row) => 1 - row.given)) : null,
  };
};
