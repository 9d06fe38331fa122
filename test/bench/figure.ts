/** One measured value, and what it should be. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: '×' | 'MiB' | 's';
  readonly atMost?: number;
  /** What the value was worked out from: seconds, sizes. */
  readonly from: string;
}

/** How many times as long one took as the other, both in seconds. */
export function ratio(name: string, above: number, below: number, atMost?: number): Figure {
  const from = `${above.toFixed(2)} s, ${below.toFixed(2)} s`;
  return { name, value: above / below, unit: '×', from, ...(atMost !== undefined && { atMost }) };
}

/** The middle one; of an even number the mean of the middle two. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error('there is nothing to take the median of');
  return (upper + lower) / 2;
}

/** A Markdown table, which is also readable as it is. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, atMost, from }) => {
    const digits = unit === 'MiB' || value >= 10 ? 0 : 2;
    const goal =
      atMost === undefined ? ['', ''] : [`≤ ${atMost} ${unit}`, value <= atMost ? 'met' : 'missed'];
    return [name, `${value.toFixed(digits)} ${unit}`, ...goal, from];
  });
  const head = ['measured', 'value', 'goal', '', 'from'];
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('');
}
