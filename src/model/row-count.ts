const grouped = new Intl.NumberFormat('en-US');

/** How many rows there are. `estimate`: by the server's statistics. */
export interface RowCount {
  readonly rows: number;
  readonly kind: 'exact' | 'estimate' | 'at-least';
}

/** The count for people: `1,204`, `more than 100,000`. */
export function amount({ rows, kind }: RowCount): string {
  const number = grouped.format(rows);
  switch (kind) {
    case 'exact':
      return number;
    case 'estimate':
      return `about ${number} (an estimate of the server)`;
    case 'at-least':
      return `more than ${number}`;
  }
}
