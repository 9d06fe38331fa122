/** One measured value, and what it should be. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'times' | 'MiB' | 'seconds';
  readonly goal: { readonly kind: 'at most' | 'at least'; readonly value: number } | null;
  /** What the value was worked out from: seconds, sizes. */
  readonly from: string;
}

export function ratio(
  name: string,
  above: number,
  below: number,
  goal: Figure['goal'],
  from: string,
): Figure {
  return { name, value: above / below, unit: 'times', goal, from };
}

/** A Markdown table, which is also readable as it is. */
export function figureTable(figures: readonly Figure[]): string {
  const cells = [
    ['measured', 'value', 'goal', '', 'from'],
    ...figures.map((figure) => [
      figure.name,
      valueText(figure),
      goalText(figure),
      verdict(figure),
      figure.from,
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('');
}

function valueText({ value, unit }: Figure): string {
  switch (unit) {
    case 'times':
      return `${value.toFixed(value < 10 ? 2 : 0)} ×`;
    case 'MiB':
      return `${value.toFixed(0)} MiB`;
    case 'seconds':
      return `${value.toFixed(1)} s`;
  }
}

function goalText({ goal, unit }: Figure): string {
  if (goal === null) return '';
  return `${goal.kind === 'at most' ? '≤' : '≥'} ${goal.value} ${unit === 'times' ? '×' : unit}`;
}

function verdict({ value, goal }: Figure): string {
  if (goal === null) return '';
  const met = goal.kind === 'at most' ? value <= goal.value : value >= goal.value;
  return met ? 'met' : 'missed';
}
