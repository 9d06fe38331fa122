import type { OddField } from '../../../../src/model/finding.js';
import type { Read, ReadTeam } from '../../../../src/stores/facts-reader.js';

export function teamsIn(reads: readonly Read[]): ReadTeam[] {
  return reads.flatMap((read) => (read.kind === 'team' ? [read.team] : []));
}

export function findingsIn(reads: readonly Read[]): string[] {
  return reads
    .flatMap((read) => (read.kind === 'finding' ? [read.finding] : []))
    .map(({ code, team, user, at, value }) =>
      [code, team, user, ...(at === undefined ? [] : [fieldTold({ at, value: String(value) })])].join(' '),
    )
    .sort();
}

export function fieldTold({ at: { store, row, field }, value }: OddField): string {
  return `${store} ${row} ${field}=${value}`;
}

/** One line a user: enough to see whose rows were found where. */
export function told({ facts }: ReadTeam): string[] {
  return [...facts.users]
    .map(({ user: name, member, rows, malformed }) => {
      const held = [...rows.mongo, ...rows.postgres].map(({ id: key, role }) => `${key}=${role}`);
      return [name, member ? 'member' : '-', ...held, ...malformed.map(fieldTold)].join(' ');
    })
    .sort();
}
