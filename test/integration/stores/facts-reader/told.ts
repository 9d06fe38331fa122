import type { Read, ReadTeam } from '../../../../src/stores/facts-reader.js';

export function teamsIn(reads: readonly Read[]): ReadTeam[] {
  return reads.flatMap((read) => (read.kind === 'team' ? [read.team] : []));
}

export function findingsIn(reads: readonly Read[]): string[] {
  return reads
    .flatMap((read) => (read.kind === 'finding' ? [JSON.stringify(Object.values(read.finding))] : []))
    .sort();
}

/** One line a user: enough to see whose rows were found where. */
export function told({ facts }: ReadTeam): string[] {
  return [...facts.users]
    .map(({ user: name, member, rows, malformedRow }) => {
      const held = [...rows.mongo, ...rows.postgres].map(({ id: key, role }) => `${key}=${role}`);
      return [name, member ? 'member' : '-', ...held, ...(malformedRow ? ['malformed'] : [])].join(' ');
    })
    .sort();
}
