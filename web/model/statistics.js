// Statistics of small sets of numbers. No DOM and no network.

export function sum(values) {
  return [...values].reduce((total, value) => total + value, 0);
}

/** The smallest value that the share `q` (0 to 1) of the values do not exceed: the nearest rank; null for none. */
export function quantile(sorted, q) {
  if (sorted.length === 0) return null;
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}

/** The median and the 95th percentile of values in any order. */
export function summary(values) {
  const sorted = Float64Array.from(values).sort();
  return { median: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) };
}

/** Whether shares of work lie within 30 % of their mean, or within three where they are small. */
export function isEven(counts) {
  const spread = Math.max(...counts) - Math.min(...counts);
  return spread <= Math.max(3, (sum(counts) / counts.length) * 0.3);
}

/** The next round number that is not below the value: the top of an axis. */
export function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((factor) => factor * power).find((top) => top >= value);
}
